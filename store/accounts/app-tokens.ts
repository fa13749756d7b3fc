import type { Kysely } from 'kysely'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'

/** Times in milliseconds since 1970; `rooms` null: all. */
export type AppTokenEntry = {
  id: string
  user: UserId
  name: string
  rooms: RoomId[] | null
  access: 'read' | 'write'
  expiresAt: number | null
  createdAt: number
  lastUsedAt: number | null
}

/** Long-lived tokens of bots and devices. The token itself is nowhere, only its hash. */
export interface AppTokens {
  /** False when the user has `atMost` of them already. */
  create(token: Omit<AppTokenEntry, 'lastUsedAt'> & { hash: string }, atMost: number): Promise<boolean>
  /** `undefined` for a revoked one. */
  findByHash(hash: string): Promise<AppTokenEntry | undefined>
  /** The newest first, expired ones too. */
  list(user: UserId): Promise<AppTokenEntry[]>
  /** Revokes it; false when the user has none of that id. */
  remove(user: UserId, id: string): Promise<boolean>
  used(id: string, at: number): Promise<void>
}

export function createAppTokens(db: Kysely<Database>): AppTokens {
  const read = db
    .selectFrom('app_tokens')
    .select([
      'id',
      'user_id as user',
      'name',
      'rooms',
      'access',
      'expires_at as expiresAt',
      'created_at as createdAt',
      'last_used_at as lastUsedAt',
    ])

  return {
    create: (token, atMost) =>
      db.transaction().execute(async (transaction) => {
        // The user's row is the lock: two calls at once do not count past each other.
        await transaction.selectFrom('users').select('id').where('id', '=', token.user).forUpdate().execute()
        const { count } = await transaction
          .selectFrom('app_tokens')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('user_id', '=', token.user)
          .executeTakeFirstOrThrow()
        if (count >= atMost) return false
        await transaction
          .insertInto('app_tokens')
          .values({
            id: token.id,
            user_id: token.user,
            name: token.name,
            hash: token.hash,
            rooms: token.rooms,
            access: token.access,
            expires_at: token.expiresAt,
            created_at: token.createdAt,
            last_used_at: null,
          })
          .execute()
        return true
      }),

    findByHash: (hash) => read.where('hash', '=', hash).executeTakeFirst(),

    list: (user) => read.where('user_id', '=', user).orderBy('created_at', 'desc').orderBy('id').execute(),

    async remove(user, id) {
      const { numDeletedRows } = await db
        .deleteFrom('app_tokens')
        .where('user_id', '=', user)
        .where('id', '=', id)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },

    async used(id, at) {
      await db.updateTable('app_tokens').set({ last_used_at: at }).where('id', '=', id).execute()
    },
  }
}
