/** Fetches from the log what did not come live: at the start, after each reconnect, in gaps, and older pages. */
import { ChatError } from '../../protocol/errors.ts'
import type { ChatEvent, HistoryPage } from '../../protocol/events.ts'
import type { CatchUp, Sync } from '../../protocol/http.ts'
import type { RoomId } from '../../protocol/ids.ts'
import { MAX_ROOMS_PER_CATCH_UP, PAGE_MAX } from '../../protocol/limits.ts'
import { queryString } from './http-client.ts'
import type { Clock } from './ports.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'
import type { Session } from './session.ts'

const PAGE = 50
/** A page may be mostly reactions and edits: at most so many are fetched to fill a screen. */
const MAX_PAGES = 4
const ENOUGH_ROWS = 20
const GAP_PAGE = 200
const RETRY_MS = 3_000

export type LogReaderOptions = {
  session: Pick<Session, 'call'>
  clock: Clock
  longGap: number
  rooms: Rooms
  /** New events of a room, in order, once. */
  onEvents(room: RoomId, events: readonly ChatEvent[]): void
  /** Events of a page, old ones too. */
  onPage(room: RoomId, events: readonly ChatEvent[]): void
  onSync(sync: Sync): void
}

export interface LogReader {
  /** Everything anew in one round trip, as it is at the call or later. */
  sync(): Promise<void>
  /** What was missed in all rooms; rooms that are not in the answer are left. */
  catchUp(report: (rooms: number) => void): Promise<void>
  /** Fetches the hole behind a room's position, if there is one, until there is none. */
  repair(room: Room): Promise<void>
  /** So that the end of the log fills a screen. */
  loadLatest(room: Room): Promise<void>
  loadOlder(room: Room): Promise<void>
  loadAround(room: Room, seq: number): Promise<void>
  loadGap(room: Room, after: number): Promise<void>
  /** Ends what waits to be tried again. */
  stop(): void
}

export function createLogReader(options: LogReaderOptions): LogReader {
  const { rooms, clock } = options
  const limit = Math.min(options.longGap, PAGE_MAX)
  const repairing = new Map<RoomId, unknown>()
  let syncing: Promise<void> | undefined
  let nextSync: Promise<void> | undefined
  const showing = new Map<Room, Promise<void>>()

  async function fetchPage(
    room: Room,
    query: { after?: number; before?: number; limit: number },
  ): Promise<HistoryPage> {
    const page = await options.session.call<HistoryPage>('GET', `/messages${queryString({ room: room.id, ...query })}`)
    if (page.epoch === room.epoch()) return page
    // The log was restored from a backup: our positions mean nothing in it.
    await sync()
    throw new ChatError('unavailable')
  }

  function takeAfter(room: Room, after: number, page: HistoryPage): void {
    const last = page.messages.at(-1)?.seq
    // Nothing to read up to the head: those events are not for us, and never will be.
    take(room, page, { from: after + 1, to: last ?? Math.max(after, page.head) })
  }

  async function before(room: Room, seq: number, size: number): Promise<void> {
    const page = await fetchPage(room, { before: seq, limit: size })
    const first = page.messages[0]?.seq
    take(room, page, { from: page.more && first !== undefined ? first : 1, to: seq - 1 })
  }

  function take(room: Room, page: HistoryPage, range: { from: number; to: number }): void {
    const due = room.takePage(page, range)
    options.onPage(room.id, page.messages)
    options.onEvents(room.id, due)
  }

  /** Too much was missed to fetch it unasked; the hole stays in the timeline. Returns whether it was. */
  function skipLongGap(room: Room): boolean {
    const missing = room.log.head() - room.log.position()
    if (missing <= options.longGap) return false
    options.onEvents(room.id, room.skipTo(room.log.head()))
    return true
  }

  async function loading(room: Room, what: 'page' | 'older' | number, work: () => Promise<void>): Promise<void> {
    room.setLoading(what, true)
    try {
      await work()
      room.setLoading(what, false)
    } catch (error) {
      room.setLoading(what, false, error instanceof ChatError ? error.code : 'internal')
      throw error
    }
  }

  async function fetchSync(): Promise<void> {
    options.onSync(await options.session.call<Sync>('GET', '/sync'))
  }

  /** One that is on its way may be older than the reason for this call: then one more follows, for all who wait. */
  async function sync(): Promise<void> {
    if (syncing && !nextSync) {
      const turn = syncing.catch(() => {})
      nextSync = turn.then(() => {
        nextSync = undefined
        return sync()
      })
    }
    if (nextSync) return nextSync
    syncing = fetchSync().finally(() => {
      syncing = undefined
    })
    return syncing
  }

  async function repair(room: Room): Promise<void> {
    if (repairing.has(room.id)) return
    repairing.set(room.id, undefined)
    try {
      while (room.log.position() < room.log.head() && rooms.get(room.id) === room) {
        if (skipLongGap(room)) {
          if (room.isOpen()) await loadLatest(room)
          await sync()
          continue
        }
        const after = room.log.position()
        takeAfter(room, after, await fetchPage(room, { after, limit: PAGE_MAX }))
      }
      repairing.delete(room.id)
    } catch {
      // Later again: the hole is still known, and a reconnect asks for it too.
      const again = (): void => {
        repairing.delete(room.id)
        void repair(room)
      }
      repairing.set(room.id, clock.setTimeout(again, RETRY_MS))
    }
  }

  async function loadLatest(room: Room): Promise<void> {
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const { known, rows, head } = room.log.timeline()
      const end = known.at(-1)
      const isAtHead = end !== undefined && end[1] >= head
      const from = isAtHead ? end[0] : head + 1
      const isEnough = isAtHead && (from === 1 || rows.filter(({ seq }) => seq >= from).length >= ENOUGH_ROWS)
      if (isEnough || from <= 1) return
      await before(room, from, PAGE)
    }
  }

  /** Who opens a room and who catches up want the same page. */
  function showLatest(room: Room): Promise<void> {
    const found = showing.get(room)
    if (found) return found
    const work = loading(room, 'page', () => loadLatest(room)).finally(() => showing.delete(room))
    showing.set(room, work)
    return work
  }

  return {
    sync,
    async catchUp(report) {
      for (const timer of repairing.values()) clock.clearTimeout(timer)
      repairing.clear()
      const mine = [...rooms.all()].filter((room) => room.isMember())
      report(mine.length)
      let skipped = false
      for (let at = 0; at < mine.length; at += MAX_ROOMS_PER_CATCH_UP) {
        const asked = new Map(
          mine.slice(at, at + MAX_ROOMS_PER_CATCH_UP).map((room) => [room.id, room.log.position()] as const),
        )
        const answer = await options.session.call<CatchUp>('POST', '/catch-up', {
          rooms: Object.fromEntries(asked),
          limit,
        })
        for (const [id, after] of asked) {
          const room = rooms.get(id)
          const page = answer.rooms[id]
          if (!page) rooms.leave(id)
          else if (room && page.epoch !== room.epoch()) await sync()
          else if (room) {
            takeAfter(room, after, page)
            skipped = skipLongGap(room) || skipped
          }
        }
      }
      if (skipped) await sync()
      for (const room of rooms.all()) {
        if (room.isOpen()) await showLatest(room)
        void repair(room)
      }
    },
    repair,
    loadLatest: showLatest,
    loadOlder: (room) =>
      loading(room, 'older', async () => {
        const from = room.log.timeline().known[0]?.[0] ?? room.log.head() + 1
        if (from > 1) await before(room, from, PAGE)
      }),
    loadAround: (room, seq) =>
      loading(room, 'page', () => before(room, Math.min(seq + PAGE / 2, room.log.head() + 1), PAGE)),
    loadGap: (room, after) =>
      loading(room, after, async () => {
        takeAfter(room, after, await fetchPage(room, { after, limit: GAP_PAGE }))
      }),
    stop() {
      for (const timer of repairing.values()) clock.clearTimeout(timer)
    },
  }
}
