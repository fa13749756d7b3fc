import { format, judge, memoryPerConnection, ratios } from './bars.ts'
import type { LoadResult } from './load/plan.ts'
import type { Options } from './options.ts'
import { disturbedRows, isLoadCoreFull, type Results } from './results.ts'
import { BASE_CONNECTIONS, loadRows } from './scenarios/load-rows.ts'
import { LOAD_CORE, pinning, SERVER_CORE } from './servers/cores.ts'

/** A Markdown table; columns are as wide as their widest cell, so that it reads well as plain text too. */
export function table(head: string[], rows: string[][]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

/** The whole report as Markdown. */
export function report(results: Results, options: Options): string {
  const runs = options.runs === 1 ? 'one run' : `medians of ${options.runs} runs`
  const places = pinning.possible
    ? 'servers on one core, load generator and databases on another'
    : `nothing pinned to a core (${pinning.obstacle}): ratios are blurred`
  return [
    `## Speed: ${runs} of ${options.seconds} s, 200-byte payloads, ${places}`,
    ...loadTable(results),
    ...connectionTable(results),
    ...extras(results),
    ...disturbances(results),
    '### Bars',
    bars(results),
  ].join('\n\n')
}

const hasTraffic = (result: LoadResult) => result.deliveriesPerSecond > 0

function loadTable(results: Results): string[] {
  const lines = eachResult(results)
    .filter(({ result }) => hasTraffic(result))
    .map(({ title, server, result, baseline }) => {
      const { rate, cost } = baseline ? ratios({ product: result, baseline }) : { rate: Number.NaN, cost: Number.NaN }
      const faults = [result.lost, result.duplicated, result.outOfOrder]
      return [
        title,
        server,
        format(result.deliveriesPerSecond),
        `${format(rate)}x`,
        format(result.cpuPerDelivery ?? Number.NaN),
        `${format(cost)}x`,
        format(result.messagesPerSecond),
        faults.map((count) => format(count)).join(' / '),
        `${format(result.latency?.p50 ?? Number.NaN)} / ${format(result.latency?.p99 ?? Number.NaN)}`,
        format(result.wireBytesPerDelivery),
        percent(result.serverShare),
        `${percent(result.loadShare)}${isLoadCoreFull(result, LOAD_CORE) ? ' (core full)' : ''}`,
        result.databaseShare === undefined
          ? '-'
          : `${percent(result.databaseShare)}, ${format(result.databaseCpuPerMessage ?? Number.NaN)} µs/message`,
      ]
    })
  const head = [
    ...['load', 'server', 'deliveries/s', 'rate', 'CPU µs/delivery', 'per CPU', 'messages/s'],
    ...['lost / twice / late', 'p50 / p99 ms', 'wire B', 'server', 'generator', 'database'],
  ]
  return lines.length > 0 ? [table(head, lines)] : []
}

function connectionTable(results: Results): string[] {
  const lines = eachResult(results)
    .filter(({ result }) => !hasTraffic(result))
    .map(({ id, title, server, result }) => [
      title,
      server,
      format(result.connected),
      format(result.failedConnections + result.lostConnections),
      format(result.connectsPerSecond),
      format(result.cpuPerConnect ?? Number.NaN),
      id === 'idle' ? memoryEach(result) : '-',
    ])
  const head = ['connections', 'server', 'opened', 'failed or cut', 'per second', 'CPU µs each', 'memory each']
  return lines.length > 0 ? [table(head, lines)] : []
}

function memoryEach(result: LoadResult): string {
  const memory = memoryPerConnection(result)
  if (!memory) return '-'
  return `${format(memory.all / 1024)} kB; after the first ${BASE_CONNECTIONS} ${format(memory.later / 1024)} kB`
}

function extras({ history }: Results): string[] {
  if (!history) return []
  const { events, archivedPerSecond, largeRoom, smallRoom } = history
  const archived = `Archiving into one room without subscribers: ${format(archivedPerSecond)} messages/s.`
  return [
    `${archived} Opening its last page with ${format(events)} events: ${format(largeRoom)} ms; of a room of ten: ${format(smallRoom)} ms.`,
  ]
}

function disturbances({ rows }: Results): string[] {
  const found = pinning.possible ? disturbedRows(rows, SERVER_CORE, LOAD_CORE) : []
  if (found.length === 0) return []
  return [`Other programs took more than 15 % of a core: ${found.join(', ')}. Measure again on a quiet machine.`]
}

function bars(results: Results): string {
  const lines = judge(results).map(({ title, wanted, measured, verdict, note }) => [
    title,
    wanted,
    measured,
    note === '' ? verdict : `${verdict} (${note})`,
  ])
  return lines.length > 0 ? table(['bar', 'wanted', 'measured', 'verdict'], lines) : 'None of the rows has a bar.'
}

function eachResult(results: Results) {
  return loadRows.flatMap(({ id, title }) => {
    const servers = results.rows[id] ?? {}
    const baseline = servers['raw Aedes']
    return Object.entries(servers).map(([server, result]) => ({ id, title, server, result, baseline }))
  })
}

function percent(share: number | undefined): string {
  return share === undefined ? '-' : `${Math.round(share * 100)} %`
}
