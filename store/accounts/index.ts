import type { Kysely } from 'kysely'
import { createSuspensions, type Suspensions } from '../administration/suspensions.ts'
import type { NameTags } from '../personal-data/name-tags.ts'
import type { Database } from '../tables.ts'
import { type ActionLinks, createActionLinks } from './action-links.ts'
import { type AppTokens, createAppTokens } from './app-tokens.ts'
import { type Avatars, createAvatars } from './avatars.ts'
import { type Credentials, createCredentials } from './credentials.ts'
import { createEmails, type Emails } from './email.ts'
import { createIdentities, type Identities } from './identities.ts'
import { createPasskeys, type Passkeys } from './passkeys.ts'
import { createRecoveryCodes, type RecoveryCodes } from './recovery-codes.ts'
import { createSecondFactor, type SecondFactor } from './second-factor.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createSigningKeys, type SigningKeys } from './signing-keys.ts'
import { createTotp, type Totp } from './totp.ts'
import { createUsers, type Users } from './users.ts'

export type { ActionLinks, NewActionLink } from './action-links.ts'
export type { AppTokenEntry, AppTokens } from './app-tokens.ts'
export type { Avatar, Avatars } from './avatars.ts'
export type { Credentials } from './credentials.ts'
export type { EmailEntry, Emails } from './email.ts'
export type { Identities, IdentityEntry, NewIdentity } from './identities.ts'
export type { PasskeyEntry, Passkeys } from './passkeys.ts'
export type { RecoveryCodes } from './recovery-codes.ts'
export type { SecondFactor, SecondFactorEntry } from './second-factor.ts'
export type { NewSession, SessionEntry, Sessions } from './sessions.ts'
export type { SigningKey, SigningKeys } from './signing-keys.ts'
export type { AccountTables } from './tables.ts'
export type { Totp, TotpAttempt, TotpEntry } from './totp.ts'
export type { ProfileChanges, UserEntry, Users } from './users.ts'

/** Users and everything by which they, their devices and this server prove who they are. */
export interface Accounts {
  readonly users: Users
  readonly credentials: Credentials
  readonly emails: Emails
  readonly actionLinks: ActionLinks
  readonly sessions: Sessions
  readonly appTokens: AppTokens
  readonly avatars: Avatars
  readonly totp: Totp
  readonly recoveryCodes: RecoveryCodes
  readonly passkeys: Passkeys
  readonly identities: Identities
  readonly secondFactor: SecondFactor
  readonly signingKeys: SigningKeys
  readonly suspensions: Suspensions
}

/** `tagName`: by which the names of deleted accounts are known. */
export function createAccounts(db: Kysely<Database>, tagName: NameTags): Accounts {
  return {
    users: createUsers(db, tagName),
    credentials: createCredentials(db),
    emails: createEmails(db),
    actionLinks: createActionLinks(db),
    sessions: createSessions(db),
    appTokens: createAppTokens(db),
    avatars: createAvatars(db),
    totp: createTotp(db),
    recoveryCodes: createRecoveryCodes(db),
    passkeys: createPasskeys(db),
    identities: createIdentities(db, tagName),
    secondFactor: createSecondFactor(db),
    signingKeys: createSigningKeys(db),
    suspensions: createSuspensions(db),
  }
}
