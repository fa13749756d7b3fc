import type { Role, RoomKind } from '../protocol/events.ts'
import type { RoomId, UserId } from '../protocol/ids.ts'
import type { RoomSettings } from '../protocol/room-settings.ts'

/** What the policy needs to know of a user and a room. Times in milliseconds since 1970, `FOREVER` for no end. */
export type Standing = {
  kind: RoomKind
  settings: RoomSettings
  archived?: true
  /** Absent for those who are not members. */
  role?: Role
  joinedSeq?: number
  /** A member who may not write until then. */
  mutedUntil?: number
  /** Somebody who may neither come in nor read until then. */
  bannedUntil?: number
  /** A direct room whose other member has blocked this one. He is not told. */
  blocked?: true
}

/** The end of what has none: the last time that JavaScript knows. */
export const FOREVER = 8_640_000_000_000_000

/** The port of the policy: memory first, the database when memory does not know. */
export interface MembershipLookup {
  /** `undefined` when the room does not exist. */
  standing(user: UserId, room: RoomId): Promise<Standing | undefined>
  /** From memory alone: the rooms of a user whose memberships are loaded (`standing` or `roomsOf` loaded them). */
  known(user: UserId, room: RoomId): Standing | undefined
  /** The rooms that a user has joined. Loads and keeps them while the user is connected. */
  roomsOf(user: UserId): Promise<ReadonlyMap<RoomId, Standing>>
}
