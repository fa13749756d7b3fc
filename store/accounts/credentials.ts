import type { Kysely } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'

/** What people prove themselves with at sign-in. */
export interface Credentials {
  /** `undefined` when there is no such user, or he has no password. */
  passwordHash(user: UserId): Promise<string | undefined>
  /** Links to reset the password become void. Throws `user_not_found`. */
  setPassword(user: UserId, passwordHash: string, at: number): Promise<void>
  /** Puts another hash of the same password in place; nothing happens when the password was changed meanwhile. */
  rehash(user: UserId, from: string, to: string): Promise<void>
}

export function createCredentials(db: Kysely<Database>): Credentials {
  return {
    async passwordHash(user) {
      const row = await db
        .selectFrom('credentials')
        .select('password_hash')
        .where('user_id', '=', user)
        .executeTakeFirst()
      return row?.password_hash ?? undefined
    },

    async setPassword(user, passwordHash, at) {
      const { numUpdatedRows } = await db
        .with('void', (query) =>
          query.deleteFrom('action_links').where('user_id', '=', user).where('purpose', '=', 'reset-password'),
        )
        .updateTable('credentials')
        .set({ password_hash: passwordHash, changed_at: at })
        .where('user_id', '=', user)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw new ChatError('user_not_found')
    },

    async rehash(user, from, to) {
      await db
        .updateTable('credentials')
        .set({ password_hash: to })
        .where('user_id', '=', user)
        .where('password_hash', '=', from)
        .execute()
    },
  }
}
