/** What I may do in a room: the server's own table, asked about what is known here. */
import {
  type About,
  FOREVER,
  mayInRoom,
  type RoomAction,
  type Standing,
  slowModeOf,
} from '../../../protocol/room-policy.ts'
import type { Mute } from '../../../protocol/room-settings.ts'
import type { RoomSummary } from './client-types.ts'

/** The time when a mute or ban ends. */
export const endOf = (restriction: Mute): number => restriction.until ?? FOREVER
export const isMuted = (mute: Mute | undefined, now: number): boolean => mute !== undefined && endOf(mute) > now

const standingIn = ({ kind, settings, archived, role, mute }: RoomSummary): Standing => ({
  kind,
  settings,
  ...(archived && { archived }),
  ...(role && { role }),
  ...(mute && { mutedUntil: endOf(mute) }),
})

export const mayIn = (room: RoomSummary, action: RoomAction, about?: About): boolean =>
  mayInRoom(action, standingIn(room), Date.now(), about).ok

/** Why I may not write; `undefined`: I may. */
export function whyNotWrite(room: RoomSummary): string | undefined {
  const decision = mayInRoom('write', standingIn(room), Date.now())
  return decision.ok ? undefined : decision.no.code
}

/** How long I wait until I may send the next message, in ms; by the clock of this device, never longer than the room says. */
export function slowModeLeft(room: RoomSummary, now: number): number {
  const wait = slowModeOf(standingIn(room))
  return Math.max(0, Math.min(wait, room.spokeAt + wait - now))
}
