import type { Kysely } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'

export type Avatar = { type: string; body: Buffer }

/** The pictures of people, one each; every upload has an id of its own. */
export interface Avatars {
  get(id: string): Promise<Avatar | undefined>
  /** Takes the place of the one before. Throws `user_not_found`. */
  put(user: UserId, avatar: { id: string; type: string; body: Uint8Array; at: number }): Promise<void>
  /** False: there was none. */
  remove(user: UserId): Promise<boolean>
}

export function createAvatars(db: Kysely<Database>): Avatars {
  return {
    get: (id) => db.selectFrom('avatars').select(['type', 'body']).where('id', '=', id).executeTakeFirst(),

    async put(user, { id, type, body, at }) {
      await db.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('users')
          .set({ avatar_id: id })
          .where('id', '=', user)
          .executeTakeFirstOrThrow()
        if (numUpdatedRows === 0n) throw new ChatError('user_not_found')
        await transaction.deleteFrom('avatars').where('user_id', '=', user).execute()
        await transaction
          .insertInto('avatars')
          .values({ id, user_id: user, type, body: Buffer.from(body), at })
          .execute()
      })
    },

    remove: (user) =>
      db.transaction().execute(async (transaction) => {
        await transaction.updateTable('users').set({ avatar_id: null }).where('id', '=', user).execute()
        const { numDeletedRows } = await transaction
          .deleteFrom('avatars')
          .where('user_id', '=', user)
          .executeTakeFirstOrThrow()
        return numDeletedRows > 0n
      }),
  }
}
