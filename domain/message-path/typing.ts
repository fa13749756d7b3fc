import type { RoomId, UserId } from '../../protocol/ids.ts'
import { TYPING_EXPIRES_MS } from '../../protocol/limits.ts'
import type { Bus } from '../bus/bus.ts'

export interface Typing {
  set(room: RoomId, user: UserId, typing: boolean): void
  close(): void
}

/** Who is typing: told to the room, never archived, and taken back after 6 s of silence ([TYP1]). */
export function createTyping(bus: Bus): Typing {
  const timers = new Map<string, NodeJS.Timeout>()

  function stop(key: string): boolean {
    const timer = timers.get(key)
    clearTimeout(timer)
    return timers.delete(key)
  }

  return {
    set(room, user, typing) {
      const key = `${room}/${user}`
      const before = stop(key)
      if (typing) {
        const expire = () => {
          timers.delete(key)
          bus.emit('typing', { room, user, typing: false })
        }
        timers.set(key, setTimeout(expire, TYPING_EXPIRES_MS).unref())
      }
      if (typing !== before || typing) bus.emit('typing', { room, user, typing })
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
