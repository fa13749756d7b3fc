import { describe, expect, it } from 'vitest'
import { format, judge } from './bars.ts'
import type { LoadResult } from './load/plan.ts'
import { combineRuns, median } from './median.ts'
import { parseOptions } from './options.ts'
import { report, table } from './report.ts'
import { disturbedRows } from './results.ts'

const result: LoadResult = {
  connected: 1001,
  failedConnections: 0,
  connectsPerSecond: 3000,
  lostConnections: 0,
  published: 400,
  acknowledged: 400,
  rejected: 0,
  deliveries: 400_000,
  lost: 0,
  duplicated: 0,
  outOfOrder: 0,
  foreign: 0,
  seconds: 5,
  messagesPerSecond: 80,
  deliveriesPerSecond: 80_000,
  wireBytesPerDelivery: 222,
  latency: { p50: 1, p99: 2, max: 3 },
  loadShare: 0.5,
  coreBusy: [1, 0.6],
  cpuPerDelivery: 12,
}
const six = { ...result, deliveriesPerSecond: 480_000, cpuPerDelivery: 2 }
const options = parseOptions(['--quick'], [])

describe('[BENCH] median of runs', () => {
  it('[BENCH] takes the middle', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, 0])
  })

  it('[BENCH] takes the middle of every figure and adds faults up', () => {
    const runs = [1, 5, 3].map((p50, index) => ({ ...result, lost: index, latency: { p50, p99: 9, max: 9 } }))
    expect(combineRuns(runs)).toEqual({ ...result, lost: 3, latency: { p50: 3, p99: 9, max: 9 } })
  })
})

describe('[BENCH] bars', () => {
  const verdicts = (product: LoadResult) =>
    judge({ rows: { 'room-qos0': { 'raw Aedes': result, Tidings: product } } }).map(({ verdict }) => verdict)

  it('[BENCH] are met by the ratio to raw Aedes in the same run', () => {
    expect(verdicts(six)).toEqual(['met', 'met', ...Array(5).fill('met')])
    expect(verdicts({ ...six, cpuPerDelivery: 3 })[0]).toBe('missed')
  })

  it('[BENCH] do not count a low rate when the load core was full', () => {
    expect(verdicts({ ...six, deliveriesPerSecond: 100_000 })[1]).toBe('missed')
    expect(verdicts({ ...six, deliveriesPerSecond: 100_000, coreBusy: [0.5, 1] })[1]).toBe('not counted')
  })

  it('[BENCH] are missed by one lost delivery', () => {
    expect(verdicts({ ...six, lost: 1 })).toContain('missed')
  })
})

describe('[BENCH] report', () => {
  it('[BENCH] says in which rows other programs took part of a core', () => {
    const quiet = { ...result, serverShare: 0.97, loadShare: 0.55, databaseShare: 0.04 }
    const rows = { trickle: { 'raw Aedes': quiet, Tidings: { ...quiet, loadShare: 0.3 } } }
    expect(disturbedRows(rows, 0, 1)).toEqual(['trickle of Tidings'])
  })

  it('[BENCH] is a table whose columns line up', () => {
    expect(table(['a', 'long'], [['wide cell', '1']])).toBe(
      ['| a         | long |', '| --------- | ---- |', '| wide cell | 1    |'].join('\n'),
    )
  })

  it('[BENCH] rounds to three figures', () => {
    expect([1234.5, 12.345, 0.12345, Number.NaN].map(format)).toEqual(['1,235', '12.3', '0.123', '-'])
  })

  it('[BENCH] shows figures, ratios and verdicts', () => {
    const text = report({ rows: { 'room-qos0': { 'raw Aedes': result, Tidings: six } } }, options)
    expect(text).toContain('480,000')
    expect(text).toMatch(/QoS 0: deliveries per CPU second +\| >= 5x +\| 6x +\| met/)
  })

  it('[BENCH] names the rows when one is asked for that does not exist', () => {
    expect(() => parseOptions(['--only', 'trickle,nothing'], ['trickle'])).toThrow('no row "nothing". Rows: trickle')
  })
})
