import type { RoomId, UserId } from '../protocol/ids.ts'
import type { Standing } from '../protocol/room-policy.ts'

export { FOREVER, type Standing } from '../protocol/room-policy.ts'

/** The port of the policy: memory first, the database when memory does not know. */
export interface MembershipLookup {
  /** `undefined` when the room does not exist. */
  standing(user: UserId, room: RoomId): Promise<Standing | undefined>
  /** From memory alone: the rooms of a user whose memberships are loaded (`standing` or `roomsOf` loaded them). */
  known(user: UserId, room: RoomId): Standing | undefined
  /** The rooms that a user has joined. Loads and keeps them while the user is connected. */
  roomsOf(user: UserId): Promise<ReadonlyMap<RoomId, Standing>>
}
