/** Tells a user's other devices what he has read on one, with the new counts ([INB1]). */
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Store } from '../../store/index.ts'
import type { Bus } from '../bus/bus.ts'
import type { Log } from '../log.ts'

export interface ReadNotices {
  /** Soon: several marks of a user in a room become one notice. */
  tell(room: RoomId, user: UserId, read: number): void
  /** Resolves when everything is told. */
  close(): Promise<void>
}

type Read = { room: RoomId; user: UserId; read: number }

export function createReadNotices(deps: {
  store: { marks: Pick<Store['marks'], 'counts'> }
  bus: Bus
  log: Log
}): ReadNotices {
  const { store, bus, log } = deps
  const waiting = new Map<string, Read>()
  let telling: Promise<void> | undefined

  async function tellAll(): Promise<void> {
    await Promise.resolve() // what one write moved goes together
    while (waiting.size > 0) {
      const reads = new Map(waiting)
      waiting.clear()
      try {
        for (const { room, user, unread, mentions } of await store.marks.counts([...reads.values()])) {
          const read = reads.get(keyOf(room, user))?.read ?? 0
          bus.emit('inbox', { user, notice: { type: 'read', room, read, unread, mentions } })
        }
      } catch (error) {
        log.warn({ err: error, notices: reads.size }, 'counts not readable, read notices left out')
      }
    }
    telling = undefined
  }

  return {
    tell(room, user, read) {
      waiting.set(keyOf(room, user), { room, user, read })
      telling ??= tellAll()
    },
    async close() {
      await telling
    },
  }
}

const keyOf = (room: RoomId, user: UserId): string => `${room}/${user}`
