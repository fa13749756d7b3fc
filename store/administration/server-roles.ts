import { type Kysely, sql } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { UserId } from '../../protocol/ids.ts'
import type { ServerRole } from '../../protocol/server-role.ts'
import { violatedConstraint } from '../database-error.ts'
import type { Database, Transaction } from '../tables.ts'

/** Who is what to the server. The first account ever made is its owner; there is always one who can sign in. */
export interface ServerRoles {
  /** `undefined` for ordinary users. */
  of(user: UserId): Promise<ServerRole | undefined>
  /**
   * Gives a role, or takes it (null). Answers the role before. Throws `user_not_found`, and `conflict` when nobody else
   * who is not suspended would be owner.
   */
  set(user: UserId, role: ServerRole | null, at: number): Promise<ServerRole | undefined>
  /** Whether nobody would be owner without this one. */
  isLastOwner(user: UserId, at: number): Promise<boolean>
}

export function createServerRoles(db: Kysely<Database>): ServerRoles {
  async function of(user: UserId, on: Kysely<Database> = db): Promise<ServerRole | undefined> {
    const row = await on.selectFrom('server_roles').select('role').where('user_id', '=', user).executeTakeFirst()
    return row?.role
  }

  return {
    of: (user) => of(user),

    set: (user, role, at) =>
      db
        .transaction()
        .execute(async (transaction) => {
          const owners = await otherOwners(transaction, user, at)
          const before = await of(user, transaction)
          if (before === 'owner' && role !== 'owner' && owners === 0) {
            throw new ChatError('conflict', { publicMessage: 'The last owner of the server stays its owner.' })
          }
          if (role === null) await transaction.deleteFrom('server_roles').where('user_id', '=', user).execute()
          else {
            await transaction
              .insertInto('server_roles')
              .values({ user_id: user, role, at })
              .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ role, at }))
              .execute()
          }
          return before
        })
        .catch((error: unknown) => {
          if (violatedConstraint(error) !== 'server_roles_user') throw error
          throw new ChatError('user_not_found', { cause: error })
        }),

    isLastOwner: (user, at) =>
      db
        .transaction()
        .execute(
          async (transaction) =>
            (await of(user, transaction)) === 'owner' && (await otherOwners(transaction, user, at)) === 0,
        ),
  }
}

/** Owners beside this one who are not suspended. All owners stay locked: two do not take each other's place away at once. */
export async function otherOwners(transaction: Transaction, user: UserId, at: number): Promise<number> {
  const { rows } = await sql<{ user_id: UserId; suspended: boolean }>`
    select r.user_id, exists (
      select from suspensions s where s.user_id = r.user_id and (s.until is null or s.until > ${at})
    ) as suspended
    from server_roles r where r.role = 'owner' order by r.user_id for update of r`.execute(transaction)
  return rows.filter((row) => row.user_id !== user && !row.suspended).length
}
