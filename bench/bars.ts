import type { LoadResult } from './load/plan.ts'
import { isLoadCoreFull, type Results } from './results.ts'
import { BASE_CONNECTIONS } from './scenarios/load-rows.ts'
import { LOAD_CORE } from './servers/cores.ts'

export type Verdict = 'met' | 'missed' | 'not counted'

/** One promise about speed and what became of it. */
export type BarOutcome = { title: string; wanted: string; measured: string; verdict: Verdict; note: string }

const PRODUCT = 'Tidings'
const BASELINE = 'raw Aedes'
const MEBIBYTE = 1024 * 1024

type Pair = { product: LoadResult; baseline: LoadResult }

/** Compares the results with the bars; bars whose row was not measured are left out. */
export function judge(results: Results): BarOutcome[] {
  return [
    ...ratio(results, 'room-qos0', '1 room x 1000, QoS 0', 5),
    ...ratio(results, 'room-qos1', '1 room x 1000, QoS 1', 3),
    ...ratio(results, 'room-websocket', '1 room x 1000, WebSocket', 10),
    ...ratio(results, 'many-rooms', '200 rooms x 10', 1.5),
    ...manyRooms(results),
    ...trickle(results, 'trickle', '20 messages/s to 1000', 0.75),
    ...trickle(results, 'trickle-websocket', '20 messages/s to 1000, WebSocket', 0.3),
    ...latency(results),
    ...connections(results),
    ...idleProcess(results),
    ...history(results),
    ...faultless(results),
  ]
}

/** Rates and costs of the product in multiples of raw Aedes. */
export function ratios({ product, baseline }: Pair): { rate: number; cost: number } {
  return {
    rate: product.deliveriesPerSecond / baseline.deliveriesPerSecond,
    cost: (baseline.cpuPerDelivery ?? Number.NaN) / (product.cpuPerDelivery ?? Number.NaN),
  }
}

function pairOf(results: Results, row: string): Pair | undefined {
  const product = results.rows[row]?.[PRODUCT]
  const baseline = results.rows[row]?.[BASELINE]
  return product && baseline && { product, baseline }
}

function ratio(results: Results, row: string, title: string, wanted: number): BarOutcome[] {
  const pair = pairOf(results, row)
  if (!pair) return []
  const { rate, cost } = ratios(pair)
  const full = isLoadCoreFull(pair.product, LOAD_CORE)
  const byRate = atLeast(`${title}: deliveries per second`, rate, wanted, 'x')
  return [
    atLeast(`${title}: deliveries per CPU second`, cost, wanted, 'x'),
    full && byRate.verdict === 'missed'
      ? { ...byRate, verdict: 'not counted', note: 'the load core was full' }
      : byRate,
  ]
}

function manyRooms(results: Results): BarOutcome[] {
  const product = results.rows['many-rooms']?.[PRODUCT]
  if (!product) return []
  const archived = atLeast('200 rooms x 10: archived messages per second', product.messagesPerSecond, 12_000, '')
  const full = archived.verdict === 'missed' && isLoadCoreFull(product, LOAD_CORE)
  return [full ? { ...archived, verdict: 'not counted', note: 'the load core was full' } : archived]
}

function trickle(results: Results, row: string, title: string, wanted: number): BarOutcome[] {
  const pair = pairOf(results, row)
  return pair ? [atMost(`${title}: CPU per delivery`, 1 / ratios(pair).cost, wanted, 'x')] : []
}

function latency(results: Results): BarOutcome[] {
  const found = results.rows.latency?.[PRODUCT]?.latency
  if (!found) return []
  return [
    atMost('500 messages/s to 5 000 deliveries/s: p50', found.p50, 2, ' ms'),
    atMost('500 messages/s to 5 000 deliveries/s: p99', found.p99, 10, ' ms'),
  ]
}

function connections(results: Results): BarOutcome[] {
  const rate = results.rows.connects?.[PRODUCT]?.connectsPerSecond
  const idle = results.rows.idle?.[PRODUCT]
  const memory = idle && memoryPerConnection(idle)
  return [
    ...(rate === undefined ? [] : [atLeast('connects per second', rate, 2000, '')]),
    ...(memory === undefined
      ? []
      : [
          {
            ...atMost('idle connection with five subscriptions', memory.all / 1024, 16, ' kB'),
            note: `after the first ${BASE_CONNECTIONS}: ${format(memory.later / 1024)} kB each`,
          },
        ]),
  ]
}

/**
 * Resident bytes that each connection of the row `idle` added to the server: of all connections, which includes what the process
 * allots once when it begins to work, and of those after the first thousand.
 */
export function memoryPerConnection(result: LoadResult): { all: number; later: number } | undefined {
  const { memoryBefore, memoryFirst, memoryConnected, connected } = result
  if (memoryBefore === undefined || memoryFirst === undefined || memoryConnected === undefined) return undefined
  return {
    all: (memoryConnected - memoryBefore) / connected,
    later: (memoryConnected - memoryFirst) / (connected - BASE_CONNECTIONS),
  }
}

function idleProcess({ idleProcess: found }: Results): BarOutcome[] {
  if (!found) return []
  const [server, database] = [found.server / MEBIBYTE, found.database / MEBIBYTE]
  const outcome = atMost('idle process with its database', server + database, 150, ' MB')
  return [{ ...outcome, note: `process ${format(server)}, database ${format(database)}` }]
}

function history({ history: found }: Results): BarOutcome[] {
  if (!found) return []
  const title = `last page of a room of ${found.events.toLocaleString('en')} events`
  const note = `a room of ten: ${format(found.smallRoom)} ms`
  return [{ ...atMost(title, found.largeRoom, 50, ' ms'), note }]
}

function faultless(results: Results): BarOutcome[] {
  const measured = Object.values(results.rows).flatMap((servers) => servers[PRODUCT] ?? [])
  if (measured.length === 0) return []
  const sum = (key: 'lost' | 'duplicated' | 'outOfOrder' | 'rejected' | 'failedConnections' | 'lostConnections') =>
    measured.reduce((total, result) => total + result[key], 0)
  const unanswered = measured.reduce((total, { published, acknowledged }) => total + published - acknowledged, 0)
  return [
    atMost('lost deliveries, all rows', sum('lost'), 0, ''),
    atMost('duplicated deliveries, all rows', sum('duplicated'), 0, ''),
    atMost('deliveries out of order, all rows', sum('outOfOrder'), 0, ''),
    atMost('publishes rejected or not acknowledged, all rows', sum('rejected') + unanswered, 0, ''),
    atMost('connections failed or cut, all rows', sum('failedConnections') + sum('lostConnections'), 0, ''),
  ]
}

function atLeast(title: string, value: number, limit: number, unit: string): BarOutcome {
  return outcome(title, `>= ${limit}${unit}`, value, unit, value >= limit)
}

function atMost(title: string, value: number, limit: number, unit: string): BarOutcome {
  return outcome(title, `<= ${limit}${unit}`, value, unit, value <= limit)
}

function outcome(title: string, wanted: string, value: number, unit: string, met: boolean): BarOutcome {
  if (Number.isNaN(value)) return { title, wanted, measured: '-', verdict: 'not counted', note: 'no /proc here' }
  return { title, wanted, measured: `${format(value)}${unit}`, verdict: met ? 'met' : 'missed', note: '' }
}

/** Three significant figures, thousands apart. */
export function format(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}
