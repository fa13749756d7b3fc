/** The rows of accounts, beside the users. Times are milliseconds since 1970. */
import type { ColumnType, Generated } from 'kysely'
import type { RoomId, UserId } from '../../protocol/ids.ts'

export type CredentialRow = {
  user_id: UserId
  /** null: comes in by other means, such as a provider of sign-ins. */
  password_hash: string | null
  email: string | null
  email_verified_at: Generated<number | null>
  changed_at: number
}

export type SessionRow = {
  id: string
  user_id: UserId
  device: string
  refresh_hash: string
  created_at: number
  last_used_at: number
  expires_at: number
  ended_at: number | null
  places: string[]
}

export type AppTokenRow = {
  id: string
  user_id: UserId
  name: string
  hash: string
  rooms: RoomId[] | null
  access: 'read' | 'write'
  expires_at: number | null
  created_at: number
  last_used_at: number | null
}

export type TotpRow = {
  user_id: UserId
  secret: string
  created_at: number
  /** null: no code was given yet. */
  confirmed_at: number | null
  /** The last step whose code was taken. */
  last_step: Generated<number>
  /** Wrong codes since the last right one. */
  attempts: Generated<number>
  blocked_until: Generated<number>
}

export type RecoveryCodeRow = { user_id: UserId; hash: string }

export type PasskeyRow = {
  id: string
  user_id: UserId
  name: string
  public_key: string
  counter: number
  transports: string[]
  created_at: number
  last_used_at: number | null
}

/** The public part of a signing key, as JWK. */
export type PublicKey = { kty: 'OKP'; crv: 'Ed25519'; x: string }

export type SigningKeyRow = {
  id: string
  public_key: ColumnType<PublicKey, string, never>
  private_key: string
  created_at: number
  retired_at: number | null
}

export type ActionLinkRow = {
  hash: string
  user_id: UserId
  purpose: 'verify-email' | 'reset-password'
  email: string | null
  created_at: number
  expires_at: number
}

export type IdentityRow = {
  id: string
  issuer: string
  subject: string
  user_id: UserId
  name: string
  created_at: number
  last_used_at: number | null
}

export interface AccountTables {
  credentials: CredentialRow
  action_links: ActionLinkRow
  sessions: SessionRow
  app_tokens: AppTokenRow
  totp_secrets: TotpRow
  recovery_codes: RecoveryCodeRow
  passkeys: PasskeyRow
  identities: IdentityRow
  signing_keys: SigningKeyRow
}
