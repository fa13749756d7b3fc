/** What this device reports of itself: how far it has read and received, and whether somebody types. */
import type { RoomId } from '../../protocol/ids.ts'
import { roomMark, roomTyping } from '../../protocol/topics.ts'
import type { Qos } from './mqtt/index.ts'
import type { Clock } from './ports.ts'

const FLUSH_MS = 500
const TYPING_EVERY_MS = 3_000
const NOTHING = { read: 0, delivered: 0 }

export interface Marks {
  /** Told to the server soon, together with others, and again after a reconnect until it was acknowledged. */
  report(room: RoomId, mark: { read?: number; delivered?: number }): void
  setTyping(room: RoomId, typing: boolean): void
  /** There is a connection (again). */
  flush(): void
  stop(): void
}

export function createMarks(clock: Clock, publish: (topic: string, payload: string, qos: Qos) => Promise<void>): Marks {
  const wanted = new Map<RoomId, { read: number; delivered: number }>()
  const told = new Map<RoomId, { read: number; delivered: number }>()
  const typedAt = new Map<RoomId, number>()
  let timer: unknown

  async function send(room: RoomId, mark: { read: number; delivered: number }): Promise<void> {
    const before = told.get(room) ?? NOTHING
    if (mark.read <= before.read && mark.delivered <= before.delivered) return
    const news = {
      ...(mark.read > before.read && { read: mark.read }),
      // What was read has arrived.
      ...(mark.delivered > Math.max(before.delivered, mark.read) && { delivered: mark.delivered }),
    }
    told.set(room, { read: mark.read, delivered: Math.max(mark.delivered, mark.read) })
    try {
      if ('read' in news || 'delivered' in news) await publish(roomMark(room), JSON.stringify(news), 1)
    } catch {
      // The connection ended before the acknowledgement: the next flush says it again.
      told.set(room, before)
    }
  }

  function flush(): void {
    clock.clearTimeout(timer)
    timer = undefined
    for (const [room, mark] of wanted) void send(room, mark)
  }

  return {
    report(room, { read = 0, delivered = 0 }) {
      const before = wanted.get(room) ?? NOTHING
      wanted.set(room, { read: Math.max(before.read, read), delivered: Math.max(before.delivered, delivered) })
      timer ??= clock.setTimeout(flush, FLUSH_MS)
    },
    setTyping(room, typing) {
      const last = typedAt.get(room)
      if (typing ? last !== undefined && clock.now() - last < TYPING_EVERY_MS : last === undefined) return
      if (typing) typedAt.set(room, clock.now())
      else typedAt.delete(room)
      // Worth nothing later.
      publish(roomTyping(room), typing ? '1' : '0', 0).catch(() => {})
    },
    flush,
    stop() {
      clock.clearTimeout(timer)
      timer = undefined
    },
  }
}
