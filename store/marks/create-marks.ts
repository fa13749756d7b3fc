import { type Kysely, sql } from 'kysely'
import { unreadCounts } from '../counts.ts'
import type { Database } from '../tables.ts'
import type { Counts, Marks, Membership } from './marks.ts'

type Standing = Membership & { read: number; delivered: number }

const keyOf = ({ room, user }: Membership): string => `${room} ${user}`

export function createMarks(db: Kysely<Database>): Marks {
  return {
    async advance(advances) {
      const highest = new Map<string, Standing>()
      for (const { room, user, read = 0, delivered = 0 } of advances) {
        const before = highest.get(keyOf({ room, user }))
        highest.set(keyOf({ room, user }), {
          room,
          user,
          read: Math.max(read, before?.read ?? 0),
          delivered: Math.max(read, delivered, before?.delivered ?? 0),
        })
      }
      const wanted = [...highest.values()]
      const { rows } = await sql<Standing>`
        insert into marks as old (room_id, user_id, read, delivered)
        select m.room_id, m.user_id, least(w.read, r.head), least(w.delivered, r.head)
        from unnest(
          ${wanted.map(({ room }) => room)}::text[], ${wanted.map(({ user }) => user)}::text[],
          ${wanted.map(({ read }) => read)}::bigint[], ${wanted.map(({ delivered }) => delivered)}::bigint[]
        ) w (room, person, read, delivered)
        join members m on m.room_id = w.room and m.user_id = w.person
        join rooms r on r.id = m.room_id
        order by m.room_id, m.user_id
        on conflict (room_id, user_id) do update set
          read = greatest(old.read, excluded.read), delivered = greatest(old.delivered, excluded.delivered)
        returning room_id as room, user_id as user, read, delivered`.execute(db)
      const now = new Map(rows.map((row) => [keyOf(row), { read: row.read, delivered: row.delivered }]))
      return advances.map((advance) => now.get(keyOf(advance)))
    },

    async get(room, user) {
      const row = await db
        .selectFrom('members as m')
        .leftJoin('marks as k', (join) =>
          join.onRef('k.room_id', '=', 'm.room_id').onRef('k.user_id', '=', 'm.user_id'),
        )
        .select(['k.read', 'k.delivered'])
        .where('m.room_id', '=', room)
        .where('m.user_id', '=', user)
        .executeTakeFirst()
      return row && { read: row.read ?? 0, delivered: row.delivered ?? 0 }
    },

    list: (room) =>
      db
        .selectFrom('marks')
        .select(['user_id as user', 'read', 'delivered'])
        .where('room_id', '=', room)
        .orderBy('user_id')
        .execute(),

    async counts(of) {
      const { rows } = await sql<Counts>`
        select m.room_id as room, m.user_id as user, r.head, c.unread, c.mentions
        from unnest(
          ${of.map(({ room }) => room)}::text[], ${of.map(({ user }) => user)}::text[]
        ) w (room, person)
        join members m on m.room_id = w.room and m.user_id = w.person
        join rooms r on r.id = m.room_id
        left join marks k on k.room_id = m.room_id and k.user_id = m.user_id
        cross join lateral (${unreadCounts(sql`coalesce(k.read, 0)`)}) c`.execute(db)
      return rows
    },
  }
}
