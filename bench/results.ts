import type { LoadResult } from './load/plan.ts'
import type { HistoryFigures } from './scenarios/history.ts'

/** Everything that one call measured. */
export type Results = {
  /** Of each row by id and each server by name: the medians of its runs. */
  rows: Record<string, Record<string, LoadResult>>
  /** Bytes. */
  idleProcess?: { server: number; database: number }
  history?: HistoryFigures
}

// Above this the rate is what the generator and the database can do, not what the server can.
const FULL = 0.95

/** Whether the core of the load generator, which the databases share, had no time left in a run. */
export function isLoadCoreFull(result: LoadResult, loadCore: number): boolean {
  return result.loadShare > FULL || (result.coreBusy[loadCore] ?? 0) > FULL
}
