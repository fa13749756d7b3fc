import { type Kysely, sql } from 'kysely'
import type { Database } from '../tables.ts'
import type { Cursor, Cursors } from './cursors.ts'

export function createCursors(db: Kysely<Database>): Cursors {
  return {
    async load(user, device) {
      const rows = await db
        .selectFrom('cursors')
        .select(['room_id', 'seq'])
        .where('user_id', '=', user)
        .where('device_id', '=', device)
        .execute()
      return new Map(rows.map(({ room_id, seq }) => [room_id, seq]))
    },

    async save(cursors, at) {
      const furthest = new Map<string, Cursor>()
      for (const cursor of cursors) {
        const key = `${cursor.user} ${cursor.device} ${cursor.room}`
        if (cursor.seq >= (furthest.get(key)?.seq ?? 0)) furthest.set(key, cursor)
      }
      const wanted = [...furthest.values()]
      if (wanted.length === 0) return
      await sql`
        insert into cursors as old (user_id, device_id, room_id, seq, updated_at)
        select u.id, w.device, r.id, w.seq, ${at}
        from unnest(
          ${wanted.map(({ user }) => user)}::text[], ${wanted.map(({ device }) => device)}::text[],
          ${wanted.map(({ room }) => room)}::text[], ${wanted.map(({ seq }) => seq)}::int[]
        ) w (person, device, room, seq)
        join users u on u.id = w.person
        join rooms r on r.id = w.room and r.deleted_at is null
        order by u.id, w.device, r.id
        on conflict (user_id, device_id, room_id) do update set
          seq = greatest(old.seq, excluded.seq), updated_at = excluded.updated_at`.execute(db)
    },

    async remove({ user, device, room }) {
      let query = db.deleteFrom('cursors').where('user_id', '=', user)
      if (device !== undefined) query = query.where('device_id', '=', device)
      if (room !== undefined) query = query.where('room_id', '=', room)
      await query.execute()
    },

    async removeStale(before) {
      const { numDeletedRows } = await db
        .deleteFrom('cursors')
        .where('updated_at', '<', before)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}
