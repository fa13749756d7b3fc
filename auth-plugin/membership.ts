import type { HistoryRule, Role, RoomKind } from '../protocol/events.ts'
import type { RoomId, UserId } from '../protocol/ids.ts'

/** What the policy needs to know of a user and a room. `role` is absent for those who are not members. */
export type Standing = { kind: RoomKind; role?: Role; joinedSeq?: number; history: HistoryRule }

/** The port of the policy: memory first, the database when memory does not know. */
export interface MembershipLookup {
  /** `undefined` when the room does not exist. */
  standing(user: UserId, room: RoomId): Promise<Standing | undefined>
  /** From memory alone: the rooms of a user whose memberships are loaded (`standing` or `roomsOf` loaded them). */
  known(user: UserId, room: RoomId): Standing | undefined
  /** The rooms that a user has joined. Loads and keeps them while the user is connected. */
  roomsOf(user: UserId): Promise<ReadonlyMap<RoomId, Standing>>
}
