import type { ChatEvent, Role, RoomChanges, RoomKind } from '../../protocol/events.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { RoomSettings } from '../../protocol/room-settings.ts'
import type { Transaction } from '../tables.ts'

export type NewRoom = {
  id: RoomId
  name: string
  topicLine: string
  kind: RoomKind
  settings: RoomSettings
  /** Milliseconds since 1970. */
  createdAt: number
  /** The two users of a direct room, in any order. */
  direct?: readonly [UserId, UserId]
}

export type Room = {
  id: RoomId
  name: string
  topicLine: string
  kind: RoomKind
  settings: RoomSettings
  /** The seq of the last event; 0 before the first. */
  head: number
  epoch: number
  /** How many members there are. */
  members: number
  createdAt: number
  archived?: true
}

/** A room as one of its members sees it in a list. */
export type RoomOverview = Room & {
  role: Role
  joinedSeq: number
  mutedUntil?: number
  read: number
  delivered: number
  /** Messages after the read mark, the own last message and the joining, whichever came last. */
  unread: number
  /** Unread messages that name the user. */
  mentions: number
  /** The last message that the user may read. */
  last?: ChatEvent
  /** In a direct room: the other one. */
  peer?: UserId
}

/** Rooms that exist; a deleted one is nowhere to be found, and its id stays taken. */
export interface Rooms {
  /** Makes a room without members or events. Throws `room_exists` when the id, or the direct pair, is taken. */
  create(transaction: Transaction, room: NewRoom): Promise<void>
  /** With a transaction: as it stands inside that change. */
  get(room: RoomId, transaction?: Transaction): Promise<Room | undefined>
  /** Changes what is given; `at`: when, in ms since 1970. Throws `room_not_found`. */
  patch(transaction: Transaction, room: RoomId, changes: RoomChanges, at: number): Promise<void>
  /** Deletes the room: its memberships, marks and cursors end, its pair may talk anew. Throws `room_not_found`. */
  remove(transaction: Transaction, room: RoomId, at: number): Promise<void>
  /** Public rooms whose name, topic line or id contains `text` in any case, the biggest first; not those that ban the user now. */
  listPublic(query: { user: UserId; text?: string; limit: number; now: number }): Promise<(Room & { role?: Role })[]>
  /** The direct room of two users, in any order. */
  findDirect(one: UserId, other: UserId): Promise<RoomId | undefined>
  /** All rooms of a user with counters and last message, in one round trip, ordered by id. */
  overview(user: UserId): Promise<RoomOverview[]>
}
