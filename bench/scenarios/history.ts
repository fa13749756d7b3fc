import { generateLoad } from '../load/generate.ts'
import { median } from '../median.ts'
import type { Options } from '../options.ts'
import type { TidingsServer } from '../servers/tidings.ts'
import { planOf } from './load-rows.ts'

const PUBLISHERS = 8
const WINDOW = 250
const FILL_SECONDS = 10
const REQUESTS = 30

export type HistoryFigures = {
  /** Events of the large room, and how many messages per second were archived to fill it. */
  events: number
  archivedPerSecond: number
  /** Milliseconds of one request for the last page, median. */
  largeRoom: number
  smallRoom: number
}

/** Fills one room over MQTT and compares opening it with opening a room of ten events. */
export async function measureHistory(server: TidingsServer, options: Options): Promise<HistoryFigures> {
  const wanted = options.quick ? 100_000 : 1_000_000
  await server.prepareRooms(['large', 'small'])
  for (let event = 2; event <= 10; event += 1) {
    await server.request('POST', '/api/messages', { room: 'small', text: `event ${event}` })
  }
  const rates: number[] = []
  let events = 0
  while (events < wanted) {
    const load = { rooms: ['large'], subscribers: 0, publishers: PUBLISHERS, window: WINDOW }
    const plan = planOf({ id: 'history', title: '', servers: [], load }, server, options)
    const { messagesPerSecond, acknowledged } = await generateLoad({ ...plan, rampSeconds: 1, seconds: FILL_SECONDS })
    if (acknowledged === 0) throw new Error('Nothing was archived: the large room cannot be filled')
    rates.push(messagesPerSecond)
    events = (await openRoom(server, 'large')).head
    console.log(JSON.stringify({ row: 'history', events, messagesPerSecond }))
  }
  const largeRoom = await timeOpening(server, 'large')
  return { events, archivedPerSecond: median(rates), largeRoom, smallRoom: await timeOpening(server, 'small') }
}

async function openRoom(server: TidingsServer, room: string): Promise<{ head: number }> {
  return (await server.request('GET', `/api/messages?room=${room}`)) as { head: number }
}

async function timeOpening(server: TidingsServer, room: string): Promise<number> {
  const times: number[] = []
  for (let request = 0; request < REQUESTS; request += 1) {
    const start = performance.now()
    await openRoom(server, room)
    times.push(performance.now() - start)
  }
  return median(times)
}
