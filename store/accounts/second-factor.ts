import { type Kysely, sql } from 'kysely'
import type { UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'

/** What a user has beside the password. */
export type SecondFactorEntry = { totp: boolean; passkeys: number; recoveryCodes: number }

/** The second factors of a user together. */
export interface SecondFactor {
  of(user: UserId): Promise<SecondFactorEntry>
  /** Recovery codes alone are no second factor: they go with the last one. */
  dropIdleCodes(user: UserId): Promise<void>
  /** Takes everything away, for somebody who has lost it all; whether there was a factor. The password stays. */
  remove(user: UserId): Promise<boolean>
  /** Uses something up that is good once; false when it was used before. Atomic. Times in milliseconds since 1970. */
  spend(proof: { id: string; expiresAt: number }, at: number): Promise<boolean>
}

export function createSecondFactor(db: Kysely<Database>): SecondFactor {
  return {
    async of(user) {
      const { rows } = await sql<SecondFactorEntry>`
        select
          exists (select from totp_secrets where user_id = ${user} and confirmed_at is not null) as totp,
          (select count(*) from passkeys where user_id = ${user}) as passkeys,
          (select count(*) from recovery_codes where user_id = ${user}) as "recoveryCodes"`.execute(db)
      return rows[0] ?? { totp: false, passkeys: 0, recoveryCodes: 0 }
    },

    async dropIdleCodes(user) {
      await sql`
        delete from recovery_codes where user_id = ${user}
          and not exists (select from totp_secrets where user_id = ${user} and confirmed_at is not null)
          and not exists (select from passkeys where user_id = ${user})`.execute(db)
    },

    remove: (user) =>
      db.transaction().execute(async (transaction) => {
        const { rows: totp } = await sql<{ confirmed: boolean }>`
          delete from totp_secrets where user_id = ${user} returning confirmed_at is not null as confirmed`.execute(
          transaction,
        )
        const { numDeletedRows } = await transaction
          .deleteFrom('passkeys')
          .where('user_id', '=', user)
          .executeTakeFirst()
        await transaction.deleteFrom('recovery_codes').where('user_id', '=', user).execute()
        return totp.some(({ confirmed }) => confirmed) || numDeletedRows > 0n
      }),

    async spend({ id, expiresAt }, at) {
      const { rows } = await sql`
        with forgotten as (delete from spent_proofs where expires_at < ${at}::bigint - 60000 and id <> ${id})
        insert into spent_proofs (id, expires_at) values (${id}, ${expiresAt})
        on conflict (id) do nothing returning id`.execute(db)
      return rows.length === 1
    },
  }
}
