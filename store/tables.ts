/** The rows of the database as Kysely sees them. Used inside `store/` only; times are milliseconds since 1970. */
import type { ColumnType, Generated, Transaction as KyselyTransaction } from 'kysely'
import type { Role, RoomKind } from '../protocol/events.ts'
import type { DeviceId, RoomId, UserId } from '../protocol/ids.ts'
import type { Audience } from '../protocol/privacy.ts'
import type { StoredSettings } from '../protocol/room-settings.ts'
import type { AccountTables } from './accounts/tables.ts'
import type { AdministrationTables } from './administration/tables.ts'
import type { InviteTables } from './invites/tables.ts'
import type { PersonalDataTables } from './personal-data/tables.ts'

export type UserRow = {
  id: UserId
  display_name: string
  created_at: number
  last_seen_at: number | null
  status_state: string | null
  status_text: string | null
  avatar_id: Generated<string | null>
  about: Generated<string | null>
  time_zone: Generated<string | null>
}

export type RoomRow = {
  id: RoomId
  name: string
  topic_line: string
  kind: RoomKind
  settings: ColumnType<StoredSettings, string, string>
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
  archived_at: Generated<number | null>
}

export type MemberRow = {
  room_id: RoomId
  user_id: UserId
  role: Role
  joined_at: number
  /** The first seq that the member may read when the room's history begins with joining. */
  joined_seq: number
  /** A time to come: may not write until then. */
  muted_until: Generated<number | null>
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
/** `until`: when it ends; `FOREVER` for never. `by_id`: who did it. */
export type RoomBanRow = {
  room_id: RoomId
  user_id: UserId
  until: number
  reason: string | null
  by_id: UserId
  at: number
}
/** `user_id` does not want to hear `blocked_id`. */
export type BlockRow = { user_id: UserId; blocked_id: UserId; at: number }

export type AvatarRow = { id: string; user_id: UserId; type: string; body: Buffer; at: number }

export type PrivacyRow = {
  user_id: UserId
  direct: Audience
  presence: Audience
  last_seen: Audience
  read_marks: boolean
  typing: boolean
}
export type CursorRow = { user_id: UserId; device_id: DeviceId; room_id: RoomId; seq: number; updated_at: number }

export type AuditPersonRow = { number: Generated<number>; user_id: UserId }
export type AuditRow = {
  id: Generated<number>
  at: number
  action: string
  actor: number | null
  subject: number | null
  room_id: RoomId | null
  details: string | null
}

export interface Database extends AccountTables, InviteTables, AdministrationTables, PersonalDataTables {
  users: UserRow
  rooms: RoomRow
  members: MemberRow
  events: EventRow
  marks: MarkRow
  mentions: MentionRow
  cursors: CursorRow
  room_bans: RoomBanRow
  blocks: BlockRow
  avatars: AvatarRow
  privacy: PrivacyRow
  audit_people: AuditPersonRow
  audit_log: AuditRow
}

/** A change of one room under way; made by `archive.appendWith`, passed on untouched. */
export type Transaction = KyselyTransaction<Database>
