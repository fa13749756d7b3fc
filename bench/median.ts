import type { LoadResult } from './load/plan.ts'

/** The middle value; of an even number of values the mean of the two in the middle. 0 for none. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

// What went wrong in any run must not vanish in a median.
const SUMS = ['failedConnections', 'lostConnections', 'rejected', 'lost', 'duplicated', 'outOfOrder', 'foreign']

/** One result for several runs: each figure is the median of its own, faults are added up. */
export function combineRuns(runs: LoadResult[]): LoadResult {
  return combine(runs, '') as LoadResult
}

function combine(values: unknown[], key: string): unknown {
  const [first] = values
  const numbers = values.filter((value): value is number => typeof value === 'number')
  if (typeof first === 'number') return SUMS.includes(key) ? numbers.reduce((a, b) => a + b, 0) : median(numbers)
  if (Array.isArray(first))
    return first.map((_, index) =>
      combine(
        values.map((each) => (each as unknown[])[index]),
        '',
      ),
    )
  if (typeof first !== 'object' || first === null) return first
  const objects = values.filter(
    (value): value is Record<string, unknown> => typeof value === 'object' && value !== null,
  )
  const keys = [...new Set(objects.flatMap((each) => Object.keys(each)))]
  const entryOf = (name: string) => objects.map((each) => each[name]).filter((value) => value !== undefined)
  return Object.fromEntries(keys.map((name) => [name, combine(entryOf(name), name)]))
}
