import type { Kysely } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { UserId } from '../../protocol/ids.ts'
import { violatedConstraint } from '../database-error.ts'
import type { NameTags } from '../personal-data/name-tags.ts'
import type { Database } from '../tables.ts'
import { insertUser } from './insert-user.ts'
import type { UserEntry } from './users.ts'

/** Somebody as a provider of sign-ins knows him. Times in milliseconds since 1970. */
export type IdentityEntry = {
  id: string
  issuer: string
  /** What the provider calls him, for ever and nobody else. */
  subject: string
  user: UserId
  /** How the owner recognises it in a list. */
  name: string
  createdAt: number
  lastUsedAt: number | null
}

export type NewIdentity = Omit<IdentityEntry, 'lastUsedAt'>

export interface Identities {
  find(issuer: string, subject: string): Promise<IdentityEntry | undefined>
  /** The oldest first. */
  list(user: UserId): Promise<IdentityEntry[]>
  /** Links an account that exists. False when the identity belongs to an account already, be it this one. */
  link(identity: NewIdentity): Promise<boolean>
  /**
   * Makes an account without a password. `email`: an address that the provider has verified; left out where another
   * account has it. Throws `username_taken`, or `conflict` when the identity got an account meanwhile.
   */
  createUser(user: UserEntry, identity: Omit<NewIdentity, 'user'>, email: string | undefined): Promise<void>
  used(id: string, at: number): Promise<void>
  /** `last`: there is neither a password nor another identity. A passkey is no way in that lasts: it can be removed. */
  unlink(user: UserId, id: string): Promise<'unlinked' | 'last' | 'absent'>
}

export function createIdentities(db: Kysely<Database>, tagName: NameTags): Identities {
  const read = db
    .selectFrom('identities')
    .select([
      'id',
      'issuer',
      'subject',
      'user_id as user',
      'name',
      'created_at as createdAt',
      'last_used_at as lastUsedAt',
    ])

  return {
    find: (issuer, subject) => read.where('issuer', '=', issuer).where('subject', '=', subject).executeTakeFirst(),

    list: (user) => read.where('user_id', '=', user).orderBy('created_at').orderBy('id').execute(),

    async link(identity) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('identities')
        .values(toRow(identity, null))
        .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },

    async createUser(user, identity, email) {
      const create = (address: string | undefined) =>
        db.transaction().execute(async (transaction) => {
          await insertUser(transaction, tagName, user, {
            password_hash: null,
            email: address ?? null,
            email_verified_at: address === undefined ? null : user.createdAt,
          })
          await transaction
            .insertInto('identities')
            .values(toRow({ ...identity, user: user.id }, user.createdAt))
            .execute()
        })
      try {
        await create(email).catch((error: unknown) => {
          if (violatedConstraint(error) !== 'credentials_email') throw error
          return create(undefined)
        })
      } catch (error) {
        if (violatedConstraint(error) === 'identities_subject') throw new ChatError('conflict', { cause: error })
        throw error
      }
    },

    async used(id, at) {
      await db.updateTable('identities').set({ last_used_at: at }).where('id', '=', id).execute()
    },

    unlink: (user, id) =>
      db.transaction().execute(async (transaction) => {
        // The user's row is the lock: of two that are unlinked at once, the second one is the last.
        await transaction.selectFrom('users').select('id').where('id', '=', user).forUpdate().execute()
        const linked = await transaction.selectFrom('identities').select('id').where('user_id', '=', user).execute()
        if (!linked.some((one) => one.id === id)) return 'absent'
        if (linked.length === 1 && !(await hasPassword(transaction, user))) return 'last'
        await transaction.deleteFrom('identities').where('id', '=', id).execute()
        return 'unlinked'
      }),
  }
}

const toRow = (identity: NewIdentity, lastUsedAt: number | null) => ({
  id: identity.id,
  issuer: identity.issuer,
  subject: identity.subject,
  user_id: identity.user,
  name: identity.name,
  created_at: identity.createdAt,
  last_used_at: lastUsedAt,
})

async function hasPassword(db: Kysely<Database>, user: UserId): Promise<boolean> {
  const row = await db
    .selectFrom('credentials')
    .select('user_id')
    .where('user_id', '=', user)
    .where('password_hash', 'is not', null)
    .executeTakeFirst()
  return row !== undefined
}
