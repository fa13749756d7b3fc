import { type Kysely, sql } from 'kysely'
import type { UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'

/** `credential` absent: all of the user; `user` absent: the signing keys changed. */
export type AccessChange = { id: number; user?: UserId; credential?: string }

/** Sessions and app tokens that ended, users suspended, keys rotated: by whichever process, noted by the database. */
export interface AccessChanges {
  /** A place to read from: what is committed from now on, and perhaps what was under way. */
  now(): Promise<string>
  /**
   * What was committed since a place, and the next place. Some of it may come twice, as long as a transaction that
   * was under way then is not over; nothing is missed.
   */
  since(place: string): Promise<{ changes: AccessChange[]; next: string }>
}

type Row = { id: number | null; user_id: UserId | null; credential: string | null; next: string }

export function createAccessChanges(db: Kysely<Database>): AccessChanges {
  return {
    async now() {
      const { rows } = await sql<{
        next: string
      }>`select pg_snapshot_xmin(pg_current_snapshot())::text as next`.execute(db)
      return rows[0]?.next ?? '0'
    },

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
