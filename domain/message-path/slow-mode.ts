import type { Session } from '../../auth-plugin/index.ts'
import type { Command } from '../../protocol/commands.ts'
import type { Refusal } from '../../protocol/errors.ts'
import type { RoomId } from '../../protocol/ids.ts'
import { DUP_WINDOW_MS } from '../../protocol/limits.ts'
import type { Append, Archive } from '../../store/index.ts'
import { createRecent } from '../recent.ts'

/** Members whose last message is remembered; that of others is looked up in the log. */
const REMEMBERED = 20_000

export type Saying = { session: Session; room: RoomId; command: Command; transmission?: Append['transmission'] }

/** When a member spoke last, and how the same message would be recognised if it came again. */
type Spoken = { at: number; by?: Saying; id?: string | undefined; transmission?: Append['transmission'] }

export interface SlowMode {
  /**
   * Takes the member's turn to speak: `undefined`, or the no with the time to wait. `wait`: ms between two messages. To
   * be called in the room's turn, so that of two messages at once one is refused ([SET4]).
   */
  take(saying: Saying, wait: number): Promise<Refusal | undefined>
  /** The message did not get into the log after all. */
  giveBack(saying: Saying): void
  /** Spoken where nobody waits: the log knows when. */
  forget(saying: Saying): void
}

/** Slow mode of rooms ([SET4]): from memory, and after a restart from the log. */
export function createSlowMode({ archive, now }: { archive: Pick<Archive, 'lastMessageOf'>; now(): number }): SlowMode {
  const spoken = createRecent<string, Spoken>(REMEMBERED)
  const keyOf = ({ session, room }: Saying): string => `${room} ${session.user}`

  async function lastOf(saying: Saying): Promise<Spoken | undefined> {
    const known = spoken.get(keyOf(saying))
    if (known !== undefined) return known
    const last = await archive.lastMessageOf(saying.room, saying.session.user)
    return last && { at: last.at, id: last.id }
  }

  return {
    async take(saying, wait) {
      const last = await lastOf(saying)
      const at = now()
      if (last !== undefined) {
        if (isSame(saying, last, at)) return undefined // the log recognises it
        const left = last.at + wait - at
        // A clock that was set back makes nobody wait longer than the room says.
        if (left > 0) return slowDown(Math.min(left, wait))
      }
      const { command, transmission } = saying
      spoken.set(keyOf(saying), { at, by: saying, id: command.id, ...(transmission && { transmission }) })
      return undefined
    },
    giveBack(saying) {
      if (spoken.get(keyOf(saying))?.by === saying) spoken.delete(keyOf(saying))
    },
    forget(saying) {
      spoken.delete(keyOf(saying))
    },
  }
}

/** A message that is sent again is not a second one ([P4]). */
function isSame({ command, transmission }: Saying, last: Spoken, at: number): boolean {
  if (command.id !== undefined) return command.id === last.id
  const before = last.transmission
  return (
    transmission?.dup === true &&
    before !== undefined &&
    at - last.at < DUP_WINDOW_MS &&
    transmission.device === before.device &&
    transmission.packetId === before.packetId &&
    transmission.payloadHash === before.payloadHash
  )
}

function slowDown(left: number): Refusal {
  const message = `Slow mode: you can write again in ${Math.ceil(left / 1000)} s.`
  return { code: 'rate_limited', message, retryAfterMs: left }
}
