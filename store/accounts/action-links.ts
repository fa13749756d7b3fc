import { type Kysely, sql } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { UserId } from '../../protocol/ids.ts'
import { violatedConstraint } from '../database-error.ts'
import type { Database } from '../tables.ts'

/** Times in milliseconds since 1970. */
export type NewActionLink = {
  /** SHA-256 of the secret in the link; the secret itself is nowhere. */
  hash: string
  user: UserId
  purpose: 'verify-email' | 'reset-password'
  /** The address it was mailed to; absent for one that was handed over otherwise. */
  email?: string
  createdAt: number
  expiresAt: number
}

/**
 * Links that prove by being opened that somebody reads a mailbox. Each is good once and for one purpose; `at` is the
 * time it is opened, and one that is used, too old or unknown is `undefined`.
 */
export interface ActionLinks {
  create(link: NewActionLink): Promise<void>
  /** Who has a link, without using it. */
  find(link: { hash: string; purpose: NewActionLink['purpose']; at: number }): Promise<UserId | undefined>
  /** Uses one: the address is the user's from now on. Throws `email_taken` when another user was first. */
  verifyEmail(link: { hash: string; at: number }): Promise<{ user: UserId; address: string } | undefined>
  /** Uses one: puts the password in place and ends every session, whose ids are `ended`. */
  resetPassword(link: {
    hash: string
    passwordHash: string
    at: number
  }): Promise<{ user: UserId; ended: string[] } | undefined>
}

export function createActionLinks(db: Kysely<Database>): ActionLinks {
  /** The user's row is the lock: of two who open links at once the second finds none. */
  const take = (on: Kysely<Database>, hash: string, purpose: NewActionLink['purpose'], at: number) =>
    on
      .deleteFrom('action_links')
      .where('hash', '=', hash)
      .where('purpose', '=', purpose)
      .where('expires_at', '>', at)
      .returning(['user_id', 'email'])
      .executeTakeFirst()

  return {
    async create({ hash, user, purpose, email, createdAt, expiresAt }) {
      await db
        .with('forgotten', (query) =>
          query.deleteFrom('action_links').where('user_id', '=', user).where('expires_at', '<=', createdAt),
        )
        .insertInto('action_links')
        .values({
          hash,
          user_id: user,
          purpose,
          email: email ?? null,
          created_at: createdAt,
          expires_at: expiresAt,
        })
        .execute()
    },

    async find({ hash, purpose, at }) {
      const row = await db
        .selectFrom('action_links')
        .select('user_id')
        .where('hash', '=', hash)
        .where('purpose', '=', purpose)
        .where('expires_at', '>', at)
        .executeTakeFirst()
      return row?.user_id
    },

    async verifyEmail({ hash, at }) {
      try {
        return await db.transaction().execute(async (transaction) => {
          const link = await take(transaction, hash, 'verify-email', at)
          if (link === undefined) return undefined
          const { user_id: user } = link
          const verified = await transaction
            .updateTable('credentials')
            .set({ email_verified_at: sql<number>`coalesce(email_verified_at, ${at}::bigint)` })
            .where('user_id', '=', user)
            .where('email', '=', link.email)
            .returning('email')
            .executeTakeFirst()
          if (!verified?.email) return undefined
          await transaction
            .deleteFrom('action_links')
            .where('user_id', '=', user)
            .where('purpose', '=', 'verify-email')
            .execute()
          return { user, address: verified.email }
        })
      } catch (error) {
        if (violatedConstraint(error) === 'credentials_email') throw new ChatError('email_taken', { cause: error })
        throw error
      }
    },

    resetPassword: ({ hash, passwordHash, at }) =>
      db.transaction().execute(async (transaction) => {
        const link = await take(transaction, hash, 'reset-password', at)
        if (link === undefined) return undefined
        const { user_id: user } = link
        await transaction
          .updateTable('credentials')
          .set({ password_hash: passwordHash, changed_at: at })
          .where('user_id', '=', user)
          .execute()
        await transaction
          .deleteFrom('action_links')
          .where('user_id', '=', user)
          .where('purpose', '=', 'reset-password')
          .execute()
        const ended = await transaction
          .updateTable('sessions')
          .set({ ended_at: at })
          .where('user_id', '=', user)
          .where('ended_at', 'is', null)
          .returning('id')
          .execute()
        return { user, ended: ended.map(({ id }) => id) }
      }),
  }
}
