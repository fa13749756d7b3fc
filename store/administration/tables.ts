/** The rows of administration. Times are milliseconds since 1970. */
import type { ColumnType, Generated } from 'kysely'
import type { ReportedMessage, ReportState } from '../../protocol/http/administration.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { ReportReason } from '../../protocol/reports.ts'
import type { ServerRole } from '../../protocol/server-role.ts'

export type ServerRoleRow = { user_id: UserId; role: ServerRole; at: number }
/** `until` null: without an end. */
export type SuspensionRow = { user_id: UserId; at: number; until: number | null; reason: string; by_id: UserId | null }
export type ReportRow = {
  id: Generated<number>
  at: number
  reporter: UserId | null
  subject: UserId
  room_id: RoomId | null
  seq: number | null
  reason: ReportReason
  text: string | null
  message: ColumnType<ReportedMessage | null, string | null, string | null>
  removed: Generated<boolean>
  state: Generated<ReportState>
  note: Generated<string | null>
  closed_at: Generated<number | null>
  closed_by: Generated<UserId | null>
}

export interface AdministrationTables {
  server_roles: ServerRoleRow
  suspensions: SuspensionRow
  reports: ReportRow
}
