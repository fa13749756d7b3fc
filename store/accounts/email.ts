import { type Kysely, sql } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'

/** `verified`: the user has opened a link that was mailed there. */
export type EmailEntry = { address: string; verified: boolean }

/** Where people can be reached. An address that is verified belongs to one user, in whatever case it is written. */
export interface Emails {
  get(user: UserId): Promise<EmailEntry | undefined>
  /**
   * Puts an address, not verified yet, in place of the present one; null: none. Every link that waits becomes void.
   * Resolves to what was there before; throws `user_not_found`.
   */
  set(user: UserId, address: string | null): Promise<EmailEntry | undefined>
  /** Who has verified an address. */
  ownerOf(address: string): Promise<UserId | undefined>
}

export function createEmails(db: Kysely<Database>): Emails {
  return {
    async get(user) {
      const row = await db
        .selectFrom('credentials')
        .select(['email', 'email_verified_at'])
        .where('user_id', '=', user)
        .executeTakeFirst()
      return row && toEntry(row)
    },

    set: (user, address) =>
      db.transaction().execute(async (transaction) => {
        const row = await transaction
          .selectFrom('credentials')
          .select(['email', 'email_verified_at'])
          .where('user_id', '=', user)
          .forUpdate()
          .executeTakeFirst()
        if (row === undefined) throw new ChatError('user_not_found')
        await transaction
          .updateTable('credentials')
          .set({ email: address, email_verified_at: null })
          .where('user_id', '=', user)
          .execute()
        await transaction.deleteFrom('action_links').where('user_id', '=', user).execute()
        return toEntry(row)
      }),

    async ownerOf(address) {
      const row = await db
        .selectFrom('credentials')
        .select('user_id')
        .where(sql`lower(email)`, '=', sql`lower(${address})`)
        .where('email_verified_at', 'is not', null)
        .executeTakeFirst()
      return row?.user_id
    },
  }
}

const toEntry = (row: { email: string | null; email_verified_at: number | null }): EmailEntry | undefined =>
  row.email === null ? undefined : { address: row.email, verified: row.email_verified_at !== null }
