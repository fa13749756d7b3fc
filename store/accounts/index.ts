import type { Kysely } from 'kysely'
import type { Database } from '../tables.ts'
import { type AppTokens, createAppTokens } from './app-tokens.ts'
import { type Credentials, createCredentials } from './credentials.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createSigningKeys, type SigningKeys } from './signing-keys.ts'
import { createUsers, type Users } from './users.ts'

export type { AppTokenEntry, AppTokens } from './app-tokens.ts'
export type { Credentials } from './credentials.ts'
export type { NewSession, SessionEntry, Sessions } from './sessions.ts'
export type { SigningKey, SigningKeys } from './signing-keys.ts'
export type { AccountTables } from './tables.ts'
export type { UserEntry, Users } from './users.ts'

/** Users and everything by which they, their devices and this server prove who they are. */
export interface Accounts {
  readonly users: Users
  readonly credentials: Credentials
  readonly sessions: Sessions
  readonly appTokens: AppTokens
  readonly signingKeys: SigningKeys
}

export function createAccounts(db: Kysely<Database>): Accounts {
  return {
    users: createUsers(db),
    credentials: createCredentials(db),
    sessions: createSessions(db),
    appTokens: createAppTokens(db),
    signingKeys: createSigningKeys(db),
  }
}
