/** The rows of invitations. Times are milliseconds since 1970. */
import type { Generated } from 'kysely'
import type { InvitedRole } from '../../protocol/http/invites.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'

export type RoomInvitationRow = { room_id: RoomId; user_id: UserId; role: InvitedRole; by_id: UserId; at: number }
export type JoinRequestRow = { room_id: RoomId; user_id: UserId; text: string; at: number }
export type InviteRow = {
  id: string
  /** Null: an invitation to the server, which gives no role. */
  room_id: RoomId | null
  role: InvitedRole | null
  code_hash: string
  code_sealed: string
  note: string
  /** Null: the operator at the command line. */
  by_id: UserId | null
  used: Generated<number>
  uses: number | null
  created_at: number
  expires_at: number | null
}

export interface InviteTables {
  room_invitations: RoomInvitationRow
  join_requests: JoinRequestRow
  invites: InviteRow
}
