import { type Kysely, sql } from 'kysely'
import type { UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'

/** Codes for the day on which the second factor is lost, as keyed hashes; each is good once. */
export interface RecoveryCodes {
  /** These and no others are good from now on. */
  replace(user: UserId, hashes: readonly string[]): Promise<void>
  /** Puts them there when the user has none; whether it did. */
  putFirst(user: UserId, hashes: readonly string[]): Promise<boolean>
  /** Spends a code; false when it is not good, or not any more. Atomic. */
  use(user: UserId, hash: string): Promise<boolean>
  left(user: UserId): Promise<number>
}

export function createRecoveryCodes(db: Kysely<Database>): RecoveryCodes {
  return {
    replace: (user, hashes) =>
      db.transaction().execute(async (transaction) => {
        // The user's row is the lock: of two calls at once the later one's codes are good, and no others.
        await transaction.selectFrom('users').select('id').where('id', '=', user).forUpdate().execute()
        await transaction.deleteFrom('recovery_codes').where('user_id', '=', user).execute()
        await transaction
          .insertInto('recovery_codes')
          .values(hashes.map((hash) => ({ user_id: user, hash })))
          .execute()
      }),

    putFirst: (user, hashes) =>
      db.transaction().execute(async (transaction) => {
        await transaction.selectFrom('users').select('id').where('id', '=', user).forUpdate().execute()
        const { rows } = await sql`
          insert into recovery_codes (user_id, hash)
          select ${user}, hash from unnest(${[...hashes]}::text[]) as hash
          where not exists (select from recovery_codes where user_id = ${user})
          returning hash`.execute(transaction)
        return rows.length > 0
      }),

    async use(user, hash) {
      const { numDeletedRows } = await db
        .deleteFrom('recovery_codes')
        .where('user_id', '=', user)
        .where('hash', '=', hash)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },

    async left(user) {
      const { count } = await db
        .selectFrom('recovery_codes')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('user_id', '=', user)
        .executeTakeFirstOrThrow()
      return count
    },
  }
}
