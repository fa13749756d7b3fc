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

/** Share of a core above which other programs blur a figure. */
const FOREIGN = 0.15

/** Rows and servers in whose runs programs that are no part of the measuring took much of a core. */
export function disturbedRows(rows: Results['rows'], serverCore: number, loadCore: number): string[] {
  return Object.entries(rows).flatMap(([row, servers]) =>
    Object.entries(servers)
      .filter(([, { coreBusy, serverShare = 0, loadShare, databaseShare = 0 }]) => {
        const onServerCore = (coreBusy[serverCore] ?? 0) - serverShare
        const onLoadCore = (coreBusy[loadCore] ?? 0) - loadShare - databaseShare
        return Math.max(onServerCore, onLoadCore) > FOREIGN
      })
      .map(([server]) => `${row} of ${server}`),
  )
}
