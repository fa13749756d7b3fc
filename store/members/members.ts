import type { Role, RoomKind } from '../../protocol/events.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { RoomSettings } from '../../protocol/room-settings.ts'
import type { Transaction } from '../tables.ts'

export type MemberEntry = {
  user: UserId
  displayName: string
  avatar?: string
  role: Role
  /** Milliseconds since 1970. */
  joinedAt: number
  /** The first seq that the member may read when the room's history begins with joining. */
  joinedSeq: number
  /** May not write until then: ms since 1970, the last time there is for a mute without end. It may be over. */
  mutedUntil?: number
}

/** What a user is to a room; without `role`: not a member. As the policy wants it (auth-plugin). */
export type Standing = {
  kind: RoomKind
  settings: RoomSettings
  archived?: true
  role?: Role
  joinedSeq?: number
  mutedUntil?: number
  bannedUntil?: number
  blocked?: true
}

/** Who is in which room. Changes keep the room's member count. */
export interface Members {
  /** With a transaction: as it stands inside that change. */
  get(room: RoomId, user: UserId, transaction?: Transaction): Promise<MemberEntry | undefined>
  /** Ordered by user id; `after`: the last one of the page before. */
  list(room: RoomId, page?: { after?: UserId; limit?: number }, transaction?: Transaction): Promise<MemberEntry[]>
  /**
   * Adds a member or changes the role of one. Who is added may read from the next event on, whatever the room's
   * history rule. Throws `room_not_found` or `user_not_found`.
   */
  put(
    transaction: Transaction,
    member: { room: RoomId; user: UserId; role: Role; at: number },
  ): Promise<'added' | 'changed' | 'unchanged'>
  /** Until when a member may not write; null: he may again. False: was not a member. */
  mute(transaction: Transaction, room: RoomId, user: UserId, until: number | null): Promise<boolean>
  /** Also drops the member's marks. False: was not a member. */
  remove(transaction: Transaction, room: RoomId, user: UserId): Promise<boolean>
  /** How many members a room has, or how many of one role. */
  count(room: RoomId, role?: Role, transaction?: Transaction): Promise<number>
  /** `undefined` when the room does not exist. With a transaction: as it stands inside that change. */
  standing(user: UserId, room: RoomId, transaction?: Transaction): Promise<Standing | undefined>
  /** The rooms that a user has joined. */
  roomsOf(user: UserId): Promise<Map<RoomId, Standing>>
  /** Who shares a room with the user, the user left out, ordered by id. */
  companions(user: UserId, limit?: number): Promise<{ id: UserId; displayName: string; avatar?: string }[]>
}
