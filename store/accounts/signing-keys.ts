import type { Kysely } from 'kysely'
import type { Database } from '../tables.ts'
import type { PublicKey } from './tables.ts'

/** Times in milliseconds since 1970. */
export type SigningKey = {
  id: string
  publicKey: PublicKey
  /** Encrypted before it comes here. */
  privateKey: string
  createdAt: number
  /** When a newer key took its place; null for a key that signs. */
  retiredAt: number | null
}

export interface SigningKeys {
  /** The newest first. */
  list(): Promise<SigningKey[]>
  /** Adds a key, retires all others as of its creation, and forgets those retired before `forgetBefore`. Atomic. */
  add(key: SigningKey, forgetBefore: number): Promise<void>
}

export function createSigningKeys(db: Kysely<Database>): SigningKeys {
  return {
    list: () =>
      db
        .selectFrom('signing_keys')
        .select([
          'id',
          'public_key as publicKey',
          'private_key as privateKey',
          'created_at as createdAt',
          'retired_at as retiredAt',
        ])
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute(),

    add: (key, forgetBefore) =>
      db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('signing_keys').where('retired_at', '<', forgetBefore).execute()
        await transaction
          .updateTable('signing_keys')
          .set({ retired_at: key.createdAt })
          .where('retired_at', 'is', null)
          .execute()
        await transaction
          .insertInto('signing_keys')
          .values({
            id: key.id,
            public_key: JSON.stringify(key.publicKey),
            private_key: key.privateKey,
            created_at: key.createdAt,
            retired_at: key.retiredAt,
          })
          .execute()
      }),
  }
}
