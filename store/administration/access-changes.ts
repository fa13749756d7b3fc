import { type Kysely, sql } from 'kysely'
import type { UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'

/** `credential` absent: all of the user; `user` absent: the signing keys changed. */
export type AccessChange = { id: number; user?: UserId; credential?: string }

/** Sessions and app tokens that ended, users suspended, keys rotated: by whichever process, noted by the database. */
export interface AccessChanges {
  /**
   * What was committed since a place, and the next place; '0' is the beginning, about an hour ago. Some of it may come twice, as long as a transaction that
   * was under way then is not over; nothing is missed.
   */
  since(place: string): Promise<{ changes: AccessChange[]; next: string }>
}

type Row = { id: number | null; user_id: UserId | null; credential: string | null; next: string }

export function createAccessChanges(db: Kysely<Database>): AccessChanges {
  return {
    async since(place) {
      const { rows } = await sql<Row>`
        select c.id, c.user_id, c.credential, s.next
        from (select pg_snapshot_xmin(pg_current_snapshot())::text as next) s
        left join access_changes c on c.tx >= ${place}::xid8
        order by c.id`.execute(db)
      const changes = rows.flatMap(({ id, user_id, credential }) =>
        id === null
          ? []
          : [{ id, ...(user_id !== null && { user: user_id }), ...(credential !== null && { credential }) }],
      )
      return { changes, next: rows[0]?.next ?? place }
    },
  }
}
