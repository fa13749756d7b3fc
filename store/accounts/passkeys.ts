import type { Kysely } from 'kysely'
import type { UserId } from '../../protocol/ids.ts'
import { violatedConstraint } from '../database-error.ts'
import type { Database } from '../tables.ts'

/** A public key of an authenticator (WebAuthn). Times in milliseconds since 1970. */
export type PasskeyEntry = {
  /** The credential id, as the authenticator gave it; base64url. */
  id: string
  user: UserId
  /** How the owner tells his passkeys apart. */
  name: string
  /** COSE, base64url. */
  publicKey: string
  /** How often it has signed, where it counts; 0 where it does not. */
  counter: number
  transports: string[]
  createdAt: number
  lastUsedAt: number | null
}

export interface Passkeys {
  /** `taken`: this credential is known already; `full`: the user has `atMost` of them. */
  add(passkey: Omit<PasskeyEntry, 'lastUsedAt'>, atMost: number): Promise<'added' | 'taken' | 'full'>
  find(id: string): Promise<PasskeyEntry | undefined>
  /** The oldest first. */
  list(user: UserId): Promise<PasskeyEntry[]>
  /** Notes a use; false when the counter has not moved on, which a copy would show. Atomic. */
  used(id: string, use: { counter: number; at: number }): Promise<boolean>
  /** False when the user has none of that id. */
  rename(user: UserId, id: string, name: string): Promise<boolean>
  /** False when the user has none of that id. */
  remove(user: UserId, id: string): Promise<boolean>
}

export function createPasskeys(db: Kysely<Database>): Passkeys {
  const read = db
    .selectFrom('passkeys')
    .select([
      'id',
      'user_id as user',
      'name',
      'public_key as publicKey',
      'counter',
      'transports',
      'created_at as createdAt',
      'last_used_at as lastUsedAt',
    ])

  return {
    async add(passkey, atMost) {
      try {
        return await db.transaction().execute(async (transaction) => {
          // The user's row is the lock: two calls at once do not count past each other.
          await transaction.selectFrom('users').select('id').where('id', '=', passkey.user).forUpdate().execute()
          const { count } = await transaction
            .selectFrom('passkeys')
            .select(({ fn }) => fn.countAll<number>().as('count'))
            .where('user_id', '=', passkey.user)
            .executeTakeFirstOrThrow()
          if (count >= atMost) return 'full'
          await transaction
            .insertInto('passkeys')
            .values({
              id: passkey.id,
              user_id: passkey.user,
              name: passkey.name,
              public_key: passkey.publicKey,
              counter: passkey.counter,
              transports: passkey.transports,
              created_at: passkey.createdAt,
              last_used_at: null,
            })
            .execute()
          return 'added'
        })
      } catch (error) {
        if (violatedConstraint(error) === 'passkeys_pkey') return 'taken'
        throw error
      }
    },

    find: (id) => read.where('id', '=', id).executeTakeFirst(),

    list: (user) => read.where('user_id', '=', user).orderBy('created_at').orderBy('id').execute(),

    async used(id, { counter, at }) {
      const { numUpdatedRows } = await db
        .updateTable('passkeys')
        .set({ counter, last_used_at: at })
        .where('id', '=', id)
        .where((row) =>
          row.or([row('counter', '<', counter), row.and([row('counter', '=', 0), row.val(counter === 0)])]),
        )
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async rename(user, id, name) {
      const { numUpdatedRows } = await db
        .updateTable('passkeys')
        .set({ name })
        .where('user_id', '=', user)
        .where('id', '=', id)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async remove(user, id) {
      const { numDeletedRows } = await db
        .deleteFrom('passkeys')
        .where('user_id', '=', user)
        .where('id', '=', id)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },
  }
}
