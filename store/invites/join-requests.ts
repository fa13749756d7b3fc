import { type Kysely, sql } from 'kysely'
import type { RoomId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'
import type { JoinRequests } from './invites.ts'
import { lockForInvites } from './lock.ts'

export function createJoinRequests(db: Kysely<Database>): JoinRequests {
  const waiting = (at: number) => sql<boolean>`not exists (
    select from room_bans b where b.room_id = q.room_id and b.user_id = q.user_id and b.until > ${at}::bigint
  )`

  return {
    put: ({ room, user, text, at }, limits) =>
      db.transaction().execute(async (transaction) => {
        // Two calls at once do not count past each other; the room's own row stays free for the archive.
        await lockForInvites(transaction, `user ${user}`)
        await lockForInvites(transaction, `room ${room}`)
        const { rows } = await sql<{ room: number; user: number; mine: number }>`
          select (select count(*) from join_requests where room_id = ${room})::int as room,
            (select count(*) from join_requests where user_id = ${user})::int as user,
            (select count(*) from join_requests where room_id = ${room} and user_id = ${user})::int as mine
        `.execute(transaction)
        const [counts = { room: 0, user: 0, mine: 0 }] = rows
        const isNew = counts.mine === 0
        if (isNew && (counts.room >= limits.ofRoom || counts.user >= limits.ofUser)) return 'full'
        await transaction
          .insertInto('join_requests')
          .values({ room_id: room, user_id: user, text, at })
          .onConflict((conflict) => conflict.columns(['room_id', 'user_id']).doUpdateSet({ text }))
          .execute()
        return isNew ? 'added' : 'changed'
      }),

    async has(room, user, transaction) {
      const row = await (transaction ?? db)
        .selectFrom('join_requests')
        .select('at')
        .where('room_id', '=', room)
        .where('user_id', '=', user)
        .executeTakeFirst()
      return row !== undefined
    },

    async remove(room, user) {
      const { numDeletedRows } = await db
        .deleteFrom('join_requests')
        .where('room_id', '=', room)
        .where('user_id', '=', user)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },

    ofRoom: (room, at) =>
      db
        .selectFrom('join_requests as q')
        .innerJoin('users as u', 'u.id', 'q.user_id')
        .select(['q.user_id as user', 'u.display_name as displayName', 'q.text', 'q.at'])
        .where('q.room_id', '=', room)
        .where(waiting(at))
        .orderBy('q.at')
        .orderBy('q.user_id')
        .execute(),

    ofUser: (user) =>
      db
        .selectFrom('join_requests as q')
        .innerJoin('rooms as r', 'r.id', 'q.room_id')
        .select(['q.room_id as room', 'q.text', 'q.at'])
        .where('q.user_id', '=', user)
        .where('r.deleted_at', 'is', null)
        .orderBy('q.at', 'desc')
        .orderBy('q.room_id')
        .execute(),

    async deciders(room, roles, limit) {
      if (roles.length === 0) return []
      const rows = await db
        .selectFrom('members')
        .select('user_id')
        .where('room_id', '=', room)
        .where('role', 'in', roles)
        .orderBy(sql`array_position(array['owner', 'admin', 'member', 'reader'], role)`)
        .orderBy('user_id')
        .limit(limit)
        .execute()
      return rows.map(({ user_id }) => user_id)
    },

    async counts(rooms, at) {
      if (rooms.length === 0) return new Map()
      const rows = await db
        .selectFrom('join_requests as q')
        .select(['q.room_id', ({ fn }) => fn.countAll<number>().as('count')])
        .where('q.room_id', '=', sql<RoomId>`any(${rooms})`)
        .where(waiting(at))
        .groupBy('q.room_id')
        .execute()
      return new Map(rows.map(({ room_id, count }) => [room_id, count]))
    },
  }
}
