import { type Kysely, sql } from 'kysely'
import type { UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'

/** Of a user: the encrypted secret of an authenticator app, and when it was confirmed by a first code. Times in ms since 1970. */
export type TotpEntry = { secret: string; createdAt: number; confirmedAt: number | null }

/** An attempt to give a code: the secret to check it with, or how long to wait because too many were wrong. */
export type TotpAttempt = { secret: string } | { waitMs: number }

/** Secrets of authenticator apps, one of each user, and which of their codes are spent. */
export interface Totp {
  find(user: UserId): Promise<TotpEntry | undefined>
  /** Puts a secret there to be confirmed, in place of one that never was; false when a confirmed one is there. */
  begin(user: UserId, secret: string, at: number): Promise<boolean>
  /** The code of `step` was right for this very secret; false when it is confirmed already or another one. */
  confirm(user: UserId, confirmed: { secret: string; step: number; at: number }): Promise<boolean>
  /**
   * Counts an attempt as wrong until `accept` says otherwise; after ten in a row each next one has to wait twice as
   * long, up to a day. Atomic. `undefined` when the user has no confirmed secret.
   */
  attempt(user: UserId, at: number): Promise<TotpAttempt | undefined>
  /** Spends a step and all before it, and forgets the wrong attempts; false when it was spent. Atomic. */
  accept(user: UserId, step: number): Promise<boolean>
  /** False when there was none that was confirmed. */
  remove(user: UserId): Promise<boolean>
}

/** Wrong codes in a row that cost nothing. */
const FREE_ATTEMPTS = 10
const LONGEST_WAIT_MINUTES = 24 * 60

export function createTotp(db: Kysely<Database>): Totp {
  return {
    async find(user) {
      return db
        .selectFrom('totp_secrets')
        .select(['secret', 'created_at as createdAt', 'confirmed_at as confirmedAt'])
        .where('user_id', '=', user)
        .executeTakeFirst()
    },

    async begin(user, secret, at) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('totp_secrets')
        .values({ user_id: user, secret, created_at: at, confirmed_at: null })
        .onConflict((conflict) =>
          conflict
            .column('user_id')
            .doUpdateSet({ secret, created_at: at })
            .where('totp_secrets.confirmed_at', 'is', null),
        )
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },

    async confirm(user, { secret, step, at }) {
      const { numUpdatedRows } = await db
        .updateTable('totp_secrets')
        .set({ confirmed_at: at, last_step: step })
        .where('user_id', '=', user)
        .where('secret', '=', secret)
        .where('confirmed_at', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async attempt(user, at) {
      const { rows } = await sql<{ secret: string }>`
        update totp_secrets set
          attempts = attempts + 1,
          blocked_until = case when attempts + 1 < ${FREE_ATTEMPTS} then 0 else
            ${at}::bigint + 60000 * least(power(2, least(attempts + 1 - ${FREE_ATTEMPTS}, 20)), ${LONGEST_WAIT_MINUTES})::bigint
          end
        where user_id = ${user} and confirmed_at is not null and blocked_until <= ${at}
        returning secret`.execute(db)
      if (rows[0] !== undefined) return rows[0]
      const row = await db
        .selectFrom('totp_secrets')
        .select('blocked_until')
        .where('user_id', '=', user)
        .where('confirmed_at', 'is not', null)
        .executeTakeFirst()
      return row && { waitMs: Math.max(1, row.blocked_until - at) }
    },

    async accept(user, step) {
      const { numUpdatedRows } = await db
        .updateTable('totp_secrets')
        .set({ last_step: step, attempts: 0, blocked_until: 0 })
        .where('user_id', '=', user)
        .where('last_step', '<', step)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async remove(user) {
      const { numDeletedRows } = await db
        .deleteFrom('totp_secrets')
        .where('user_id', '=', user)
        .where('confirmed_at', 'is not', null)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },
  }
}
