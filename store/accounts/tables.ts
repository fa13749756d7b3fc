/** The rows of accounts, beside the users. Times are milliseconds since 1970. */
import type { ColumnType } from 'kysely'
import type { RoomId, UserId } from '../../protocol/ids.ts'

export type CredentialRow = { user_id: UserId; password_hash: string; email: string | null; changed_at: number }

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

/** The public part of a signing key, as JWK. */
export type PublicKey = { kty: 'OKP'; crv: 'Ed25519'; x: string }

export type SigningKeyRow = {
  id: string
  public_key: ColumnType<PublicKey, string, never>
  private_key: string
  created_at: number
  retired_at: number | null
}

export interface AccountTables {
  credentials: CredentialRow
  sessions: SessionRow
  app_tokens: AppTokenRow
  signing_keys: SigningKeyRow
}
