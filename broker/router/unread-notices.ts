/**
 * Tells those who follow no view of a room how much waits for them there ([INB1]): a phone that hears its inbox and
 * nothing else. One query for all, at most once a second; members who are not connected cost nothing.
 */
import { inScope } from '../../auth-plugin/index.ts'
import type { ArchivedEvent, Marks } from '../../domain/index.ts'
import type { RoomId } from '../../protocol/ids.ts'
import type { Notice } from '../../protocol/presence.ts'
import { userInbox } from '../../protocol/topics.ts'
import type { Connection } from '../connection.ts'
import { encodePublish } from './encode.ts'

/** The least time between two notices to one user about one room. */
const TELL_EVERY_MS = 1_000
/** Counters in one statement. */
const BATCH = 1_000

export type UnreadNoticesDeps = {
  counts: Marks['counts']
  onError(error: unknown): void
}

export interface UnreadNotices {
  /** Whether this connection is to be told: it has its inbox. */
  listens(connection: Connection, has: boolean): void
  /** New events of one room. */
  heard(events: readonly ArchivedEvent[]): void
  /** Resolves when nothing more is told. */
  close(): Promise<void>
}

export function createUnreadNotices(deps: UnreadNoticesDeps): UnreadNotices {
  const listeners = new Set<Connection>()
  let rooms = new Set<RoomId>()
  let telling: Promise<void> | undefined
  let resting: NodeJS.Timeout | undefined

  const isTold = (connection: Connection, room: RoomId): boolean =>
    connection.rooms.has(room) &&
    (connection.subscriptions.views.get(room)?.length ?? 0) === 0 &&
    inScope(connection.session, room)

  async function tellAll(): Promise<void> {
    const changed = rooms
    rooms = new Set()
    const about: { connection: Connection; room: RoomId }[] = []
    for (const connection of listeners) {
      for (const room of changed) if (isTold(connection, room)) about.push({ connection, room })
    }
    for (let start = 0; start < about.length; start += BATCH) await tell(about.slice(start, start + BATCH))
  }

  async function tell(about: readonly { connection: Connection; room: RoomId }[]): Promise<void> {
    const of = about.map(({ connection, room }) => ({ room, user: connection.session.user }))
    const frames = new Map<string, Buffer>()
    for (const { room, user, head, unread, mentions } of await deps.counts(of)) {
      const notice: Notice = { type: 'unread', room, head, unread, mentions }
      frames.set(
        `${room}/${user}`,
        encodePublish(Buffer.from(userInbox(user)), Buffer.from(JSON.stringify(notice)), false),
      )
    }
    for (const { connection, room } of about) {
      const frame = frames.get(`${room}/${connection.session.user}`)
      if (frame === undefined || !listeners.has(connection) || !isTold(connection, room)) continue
      if (connection.link.outlet.congested)
        rooms.add(room) // again with the next
      else connection.link.outlet.write(frame)
    }
  }

  function start(): void {
    telling = tellAll()
      .catch(deps.onError)
      .finally(() => {
        telling = undefined
        resting = setTimeout(() => {
          resting = undefined
          if (rooms.size > 0) start()
        }, TELL_EVERY_MS).unref()
      })
  }

  return {
    listens(connection, has) {
      if (has) listeners.add(connection)
      else listeners.delete(connection)
    },
    heard(events) {
      if (listeners.size === 0) return
      const message = events.find(({ draft }) => draft.type === 'message')
      if (message === undefined) return
      rooms.add(message.room)
      if (telling === undefined && resting === undefined) start()
    },
    async close() {
      rooms.clear()
      listeners.clear()
      await telling
      clearTimeout(resting)
    },
  }
}
