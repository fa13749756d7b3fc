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

export function createReadNotices(deps: {
  store: { marks: Pick<Store['marks'], 'counts'> }
  bus: Bus
  log: Log
}): ReadNotices {
  const { store, bus, log } = deps
  const waiting = new Map<RoomId, Map<UserId, number>>()
  let telling: Promise<void> | undefined

  async function tellRoom(room: RoomId, reads: ReadonlyMap<UserId, number>): Promise<void> {
    try {
      const counts = await store.marks.counts(room, [...reads.keys()])
      for (const [user, read] of reads) {
        const count = counts.get(user)
        if (count !== undefined) bus.emit('inbox', { user, notice: { type: 'read', room, read, ...count } })
      }
    } catch (error) {
      log.warn({ err: error, room }, 'counts not readable, read notice left out')
    }
  }

  async function tellAll(): Promise<void> {
    await Promise.resolve() // what one write moved goes together
    for (const [room, reads] of waiting) {
      waiting.delete(room)
      await tellRoom(room, reads)
    }
    telling = undefined
  }

  return {
    tell(room, user, read) {
      const reads = waiting.get(room)
      if (reads === undefined) waiting.set(room, new Map([[user, read]]))
      else reads.set(user, read)
      telling ??= tellAll()
    },
    async close() {
      await telling
    },
  }
}
