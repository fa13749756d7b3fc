import type { Kysely } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { Suspension } from '../../protocol/http/administration.ts'
import type { UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'
import { otherOwners } from './server-roles.ts'

/** Accounts that are locked for a time, or without an end. */
export interface Suspensions {
  /** The suspension that holds at this time. */
  current(user: UserId, at: number): Promise<Suspension | undefined>
  /**
   * Suspends, in place of what there was, and ends every session in the same transaction: a session made at the same
   * time either ends here or finds the suspension. Throws `user_not_found`, and `conflict` for the last owner.
   */
  put(user: UserId, suspension: Suspension): Promise<void>
  /** False: there was none. */
  remove(user: UserId, at: number): Promise<boolean>
}

export function createSuspensions(db: Kysely<Database>): Suspensions {
  return {
    async current(user, at) {
      const row = await db
        .selectFrom('suspensions')
        .selectAll()
        .where('user_id', '=', user)
        .where((where) => where.or([where('until', 'is', null), where('until', '>', at)]))
        .executeTakeFirst()
      return row && toSuspension(row)
    },

    put: (user, { at, reason, until = null, by = null }) =>
      db.transaction().execute(async (transaction) => {
        const others = await otherOwners(transaction, user, at)
        // The row is the lock against sign-ins, which refer to it.
        const found = await transaction
          .selectFrom('users')
          .leftJoin('server_roles', 'server_roles.user_id', 'users.id')
          .select('server_roles.role')
          .where('users.id', '=', user)
          .forUpdate('users')
          .executeTakeFirst()
        if (found === undefined) throw new ChatError('user_not_found')
        if (found.role === 'owner' && others === 0) {
          throw new ChatError('conflict', { publicMessage: 'The last owner of the server is not suspended.' })
        }
        const values = { at, until, reason, by_id: by }
        await transaction
          .insertInto('suspensions')
          .values({ user_id: user, ...values })
          .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
          .execute()
        await transaction
          .updateTable('sessions')
          .set({ ended_at: at })
          .where('user_id', '=', user)
          .where('ended_at', 'is', null)
          .execute()
      }),

    async remove(user, at) {
      const removed = await db.deleteFrom('suspensions').where('user_id', '=', user).returning('until').execute()
      return removed.some(({ until }) => until === null || until > at)
    },
  }
}

export const toSuspension = (row: {
  at: number
  reason: string
  until: number | null
  by_id: UserId | null
}): Suspension => ({
  at: row.at,
  reason: row.reason,
  ...(row.until !== null && { until: row.until }),
  ...(row.by_id !== null && { by: row.by_id }),
})
