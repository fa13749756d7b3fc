import { type Kysely, sql } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { Invitation } from '../../protocol/http/invites.ts'
import type { UserId } from '../../protocol/ids.ts'
import { violatedConstraint } from '../database-error.ts'
import type { Database } from '../tables.ts'
import type { Invitations } from './invites.ts'
import { lockForInvites } from './lock.ts'

type Row = Omit<Invitation, 'by'> & { by_id: UserId; by_name: string }

export function createInvitations(db: Kysely<Database>): Invitations {
  /** What a user is invited to and may see: the condition of the list and of the count. */
  const visible = (user: UserId, at: number) => sql`
    from room_invitations i
    join rooms r on r.id = i.room_id and r.deleted_at is null
    join users u on u.id = i.by_id
    where i.user_id = ${user}
      and not exists (select from room_bans b where b.room_id = i.room_id and b.user_id = i.user_id and b.until > ${at}::bigint)
      and not exists (select from blocks b where b.user_id = i.user_id and b.blocked_id = i.by_id)`

  return {
    async put(transaction, { room, user, role, by, at }, limits) {
      const before = await transaction
        .selectFrom('room_invitations')
        .select('role')
        .where('room_id', '=', room)
        .where('user_id', '=', user)
        .executeTakeFirst()
      if (before?.role === role) return 'unchanged'
      if (before === undefined) {
        await lockForInvites(transaction, `invitations of ${user}`)
        const counted = await sql<{ room: number; user: number }>`
          select (select count(*) from room_invitations where room_id = ${room})::int as room,
            (select count(*) from room_invitations where user_id = ${user})::int as user`.execute(transaction)
        const [counts = { room: 0, user: 0 }] = counted.rows
        if (counts.room >= limits.ofRoom || counts.user >= limits.ofUser) return 'full'
      }
      try {
        await transaction
          .insertInto('room_invitations')
          .values({ room_id: room, user_id: user, role, by_id: by, at })
          .onConflict((conflict) => conflict.columns(['room_id', 'user_id']).doUpdateSet({ role, by_id: by, at }))
          .execute()
      } catch (error) {
        if (violatedConstraint(error) !== 'room_invitations_user') throw error
        throw new ChatError('user_not_found', { cause: error })
      }
      return 'added'
    },

    get: (room, user, transaction) =>
      (transaction ?? db)
        .selectFrom('room_invitations')
        .select(['role', 'by_id as by', 'at'])
        .where('room_id', '=', room)
        .where('user_id', '=', user)
        .executeTakeFirst(),

    async remove(room, user, transaction) {
      const { numDeletedRows } = await (transaction ?? db)
        .deleteFrom('room_invitations')
        .where('room_id', '=', room)
        .where('user_id', '=', user)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },

    async ofUser(user, at) {
      const { rows } = await sql<Row>`
        select r.id as room, r.name, r.topic_line as "topicLine", r.kind, r.member_count as members, i.role, i.at,
          i.by_id, u.display_name as by_name
        ${visible(user, at)}
        order by i.at desc, r.id`.execute(db)
      return rows.map(({ by_id, by_name, ...row }) => ({ ...row, by: { id: by_id, displayName: by_name } }))
    },

    async countOf(user, at) {
      const { rows } = await sql<{ count: number }>`select count(*)::int as count ${visible(user, at)}`.execute(db)
      return rows[0]?.count ?? 0
    },

    async ofRoom(room) {
      const rows = await db
        .selectFrom('room_invitations as i')
        .innerJoin('users as u', 'u.id', 'i.user_id')
        .innerJoin('users as b', 'b.id', 'i.by_id')
        .select(['i.user_id', 'u.display_name', 'i.role', 'i.by_id', 'b.display_name as by_name', 'i.at'])
        .where('i.room_id', '=', room)
        .orderBy('i.at', 'desc')
        .orderBy('i.user_id')
        .execute()
      return rows.map(({ user_id, display_name, role, by_id, by_name, at }) => ({
        user: { id: user_id, displayName: display_name },
        role,
        by: { id: by_id, displayName: by_name },
        at,
      }))
    },
  }
}
