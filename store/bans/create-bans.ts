import type { Kysely } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { RoomId } from '../../protocol/ids.ts'
import { violatedConstraint } from '../database-error.ts'
import type { Database } from '../tables.ts'
import type { BanEntry, Bans } from './bans.ts'

export function createBans(db: Kysely<Database>): Bans {
  const entries = (room: RoomId, within: Kysely<Database> = db) =>
    within
      .selectFrom('room_bans')
      .innerJoin('users', 'users.id', 'room_bans.user_id')
      .select([
        'room_bans.user_id as user',
        'users.display_name as displayName',
        'room_bans.until',
        'room_bans.reason',
        'room_bans.by_id as by',
        'room_bans.at',
      ])
      .where('room_id', '=', room)

  return {
    async list(room, { now, after, limit }) {
      let query = entries(room).where('until', '>', now).orderBy('room_bans.user_id').limit(limit)
      if (after !== undefined) query = query.where('room_bans.user_id', '>', after)
      return (await query.execute()).map(toEntry)
    },

    async get(room, user, transaction) {
      const row = await entries(room, transaction).where('room_bans.user_id', '=', user).executeTakeFirst()
      return row && toEntry(row)
    },

    async put(transaction, { room, user, until, reason = null, by, at }) {
      try {
        await transaction
          .insertInto('room_bans')
          .values({ room_id: room, user_id: user, until, reason, by_id: by, at })
          .onConflict((conflict) =>
            conflict.columns(['room_id', 'user_id']).doUpdateSet({ until, reason, by_id: by, at }),
          )
          .execute()
      } catch (error) {
        if (violatedConstraint(error) !== 'room_bans_user') throw error
        throw new ChatError('user_not_found', { cause: error })
      }
    },

    async remove(transaction, room, user) {
      const { numDeletedRows } = await transaction
        .deleteFrom('room_bans')
        .where('room_id', '=', room)
        .where('user_id', '=', user)
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    },
  }
}

const toEntry = ({ reason, ...ban }: Omit<BanEntry, 'reason'> & { reason: string | null }): BanEntry => ({
  ...ban,
  ...(reason !== null && { reason }),
})
