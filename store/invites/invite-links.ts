import { type Kysely, sql } from 'kysely'
import type { RoomId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'
import type { InviteEntry, InviteLinks } from './invites.ts'
import { lockForInvites } from './lock.ts'

export function createInviteLinks(db: Kysely<Database>): InviteLinks {
  const read = db
    .selectFrom('invites as i')
    .leftJoin('users as u', 'u.id', 'i.by_id')
    .selectAll('i')
    .select('u.display_name as by_name')

  const usable = (at: number) =>
    sql<boolean>`(i.uses is null or i.used < i.uses) and (i.expires_at is null or i.expires_at > ${at}::bigint)`

  return {
    create: (link, atMost) =>
      db.transaction().execute(async (transaction) => {
        // One at a time for a room, or for the server: two calls at once do not count past each other.
        await lockForInvites(transaction, link.room === undefined ? 'server' : `links of ${link.room}`)
        const { count } = await transaction
          .selectFrom('invites as i')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('i.room_id', 'is not distinct from', link.room ?? null)
          .where(usable(link.createdAt))
          .executeTakeFirstOrThrow()
        if (count >= atMost) return false
        await transaction
          .insertInto('invites')
          .values({
            id: link.id,
            room_id: link.room ?? null,
            role: link.role ?? null,
            code_hash: link.hash,
            code_sealed: link.sealed,
            note: link.note,
            by_id: link.by ?? null,
            uses: link.uses,
            created_at: link.createdAt,
            expires_at: link.expiresAt,
          })
          .execute()
        return true
      }),

    async findByHash(hash) {
      const row = await read.where('i.code_hash', '=', hash).executeTakeFirst()
      return row && toEntry(row)
    },

    async use(id, at, transaction) {
      const { numUpdatedRows } = await (transaction ?? db)
        .updateTable('invites as i')
        .set({ used: sql`used + 1` })
        .where('i.id', '=', id)
        .where(usable(at))
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async giveBack(id) {
      await db.updateTable('invites').set({ used: sql`used - 1` }).where('id', '=', id).where('used', '>', 0).execute()
    },

    async live(room, at) {
      const rows = await read
        .where('i.room_id', 'is not distinct from', room as RoomId)
        .where(usable(at))
        .orderBy('i.created_at', 'desc')
        .orderBy('i.id')
        .execute()
      return rows.map(toEntry)
    },

    async revoke(room, id) {
      const { numDeletedRows } = await db
        .deleteFrom('invites')
        .where('id', '=', id)
        .where('room_id', 'is not distinct from', room as RoomId)
        .executeTakeFirst()
      return numDeletedRows === 1n
    },
  }
}

type Row = {
  id: string
  room_id: RoomId | null
  role: InviteEntry['role'] | null
  code_sealed: string
  note: string
  by_id: InviteEntry['by'] | null
  by_name: string | null
  used: number
  uses: number | null
  created_at: number
  expires_at: number | null
}

const toEntry = (row: Row): InviteEntry => ({
  id: row.id,
  ...(row.room_id !== null && { room: row.room_id }),
  ...(row.role && { role: row.role }),
  sealed: row.code_sealed,
  note: row.note,
  ...(row.by_id && { by: row.by_id }),
  ...(row.by_name !== null && { byName: row.by_name }),
  used: row.used,
  uses: row.uses,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
})
