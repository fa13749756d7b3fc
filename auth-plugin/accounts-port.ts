/** What the plugin needs of the database. The accounts of the store fit as they are; times in ms since 1970. */
import type { RoomId, UserId } from '../protocol/ids.ts'

export type StoredSession = {
  id: string
  user: UserId
  /** SHA-256 of the one refresh token that is good now. */
  refreshHash: string
  /** When that refresh token stops being good. */
  expiresAt: number
  endedAt: number | null
}

export type StoredAppToken = {
  id: string
  user: UserId
  rooms: RoomId[] | null
  access: 'read' | 'write'
  expiresAt: number | null
  lastUsedAt: number | null
}

export type StoredSigningKey = {
  id: string
  /** The public part as JWK. */
  publicKey: { kty: 'OKP'; crv: 'Ed25519'; x: string }
  /** The private part, encrypted with the secret key of this installation. */
  privateKey: string
  createdAt: number
  /** When a newer key took its place; null for a key that signs. */
  retiredAt: number | null
}

export interface SessionStore {
  create(session: {
    id: string
    user: UserId
    device: string
    refreshHash: string
    createdAt: number
    expiresAt: number
    /** Keyed hashes of the address and browser of this sign-in. */
    places: readonly string[]
  }): Promise<void>
  find(id: string): Promise<StoredSession | undefined>
  /** Swaps the refresh token; false when `from` is not the good one any more or the session has ended. Atomic. */
  rotate(id: string, swap: { from: string; to: string; at: number; expiresAt: number }): Promise<boolean>
  /** Ends sessions of a user: one, all, or all but one. Resolves to the ids of those that this call ended. */
  end(user: UserId, which: { id: string } | { all: true } | { allBut: string }, at: number): Promise<string[]>
  /** Whether the user has signed in from one of these places before. */
  knows(user: UserId, places: readonly string[]): Promise<boolean>
}

export interface AppTokenStore {
  /** `undefined` for a revoked one. */
  findByHash(hash: string): Promise<StoredAppToken | undefined>
  used(id: string, at: number): Promise<void>
}

export interface SigningKeyStore {
  /** Newest first. */
  list(): Promise<StoredSigningKey[]>
  /** Adds a key, retires all others as of its creation, and forgets those retired before `forgetBefore`. Atomic. */
  add(key: StoredSigningKey, forgetBefore: number): Promise<void>
}

export interface SuspensionStore {
  /** The suspension that holds at this time. */
  current(user: UserId, at: number): Promise<{ reason: string; until?: number } | undefined>
}

export type AccountsPort = {
  sessions: SessionStore
  appTokens: AppTokenStore
  signingKeys: SigningKeyStore
  suspensions: SuspensionStore
}
