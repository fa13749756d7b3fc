/** The rows of the database as Kysely sees them. Used inside `store/` only; times are milliseconds since 1970. */
import type { ColumnType, Generated, Transaction as KyselyTransaction } from 'kysely'
import type { Role, RoomKind, RoomSettings } from '../protocol/events.ts'
import type { DeviceId, RoomId, UserId } from '../protocol/ids.ts'
import type { AccountTables } from './accounts/tables.ts'

export type UserRow = {
  id: UserId
  display_name: string
  created_at: number
  last_seen_at: number | null
  status_state: string | null
  status_text: string | null
}

export type RoomRow = {
  id: RoomId
  name: string
  topic_line: string
  kind: RoomKind
  settings: ColumnType<RoomSettings, string, string>
  /** The seq of the last event; 0 before the first. */
  head: Generated<number>
  /** How many events of type `message` the room has. */
  messages: Generated<number>
  /** The seq of the last event of type `message`. */
  last_message: number | null
  member_count: Generated<number>
  epoch: Generated<number>
  created_at: number
  /** `alice:bob`, sorted; of direct rooms only. */
  direct_key: string | null
  deleted_at: number | null
}

export type MemberRow = {
  room_id: RoomId
  user_id: UserId
  role: Role
  joined_at: number
  /** The first seq that the member may read when the room's history begins with joining. */
  joined_seq: number
}

export type EventRow = {
  room_id: RoomId
  seq: number
  type: string
  author: UserId
  at: number
  target: number | null
  /** How many `message` events there are up to this one, itself included. */
  messages: number
  /** The event without its seq. */
  body: unknown
}

export type MarkRow = { room_id: RoomId; user_id: UserId; read: number; delivered: number }
export type MentionRow = { room_id: RoomId; user_id: UserId; seq: number }
export type CursorRow = { user_id: UserId; device_id: DeviceId; room_id: RoomId; seq: number; updated_at: number }

export interface Database extends AccountTables {
  users: UserRow
  rooms: RoomRow
  members: MemberRow
  events: EventRow
  marks: MarkRow
  mentions: MentionRow
  cursors: CursorRow
}

/** A change of one room under way; made by `archive.appendWith`, passed on untouched. */
export type Transaction = KyselyTransaction<Database>
