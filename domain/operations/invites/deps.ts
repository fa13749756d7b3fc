import type { About, AuthPlugin, GuessGuard, MembershipLookup } from '../../../auth-plugin/index.ts'
import type { UserId } from '../../../protocol/ids.ts'
import type { Store } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import type { RoomChanges } from '../rooms/room-changes.ts'
import type { ShowRoom } from '../rooms/show-room.ts'

/** The least that whoever may invite at all may do. */
export const LEAST: About = { role: 'reader' }

export type Registration = 'open' | 'invite' | 'closed'

export type InviteDeps = {
  store: Store
  access: MembershipLookup
  codes: AuthPlugin['inviteCodes']
  guesses: GuessGuard
  bus: Bus
  changes: RoomChanges
  show: ShowRoom
  now(): number
  registration: Registration
  /** Where people reach the server, for the links. */
  origin(): string
  /** May this person be asked into a room by that one? Throws `user_not_found` or `forbidden`. */
  requireReach(by: UserId, user: UserId): Promise<void>
  /** May this person invite strangers to the server? */
  mayInviteToServer(user: UserId): Promise<boolean>
}
