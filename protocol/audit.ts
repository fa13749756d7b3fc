/** What the audit log of a server knows (SPEC.md, AUD1-AUD3): administrative and security-relevant acts, closed. */
import type { RoomId, UserId } from './ids.ts'

export const AUDIT_ACTIONS = [
  // accounts
  'registered',
  'signed-in',
  'sign-in-failed',
  'signed-out',
  'refresh-token-reused',
  'password-changed',
  'password-reset-asked',
  'password-reset',
  'email-changed',
  'email-verified',
  'second-factor-added',
  'second-factor-removed',
  'recovery-code-used',
  'recovery-codes-made',
  'identity-linked',
  'identity-unlinked',
  'app-token-made',
  'app-token-revoked',
  'data-exported',
  'account-deleted',
  // rooms
  'room-deleted',
  'owner-made',
  'owner-ended',
  'member-banned',
  'member-unbanned',
  // the server
  'server-role-changed',
  'sessions-ended',
  'user-suspended',
  'user-restored',
  'user-created',
  'report-made',
  'report-closed',
  'message-removed',
  'invite-made',
  'invite-revoked',
  'signing-key-rotated',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** `actor`: who did it, absent for the operator at the command line. `subject`: to whom. Times in ms since 1970. */
export type AuditEntry = {
  at: number
  action: AuditAction
  actor?: UserId
  subject?: UserId
  room?: RoomId
  /** Names nobody: people are `actor` and `subject`. No text of messages, no token, no address. */
  details?: Readonly<Record<string, string | number | boolean>>
}
/** `gone`: whoever it was has deleted the account. */
export type AuditRecord = Omit<AuditEntry, 'actor' | 'subject'> & {
  id: number
  actor?: UserId | 'gone'
  subject?: UserId | 'gone'
}
