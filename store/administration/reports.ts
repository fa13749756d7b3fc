import { type Kysely, type Selectable, sql } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { MyReport, Report, ReportedMessage } from '../../protocol/http/administration.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import { REPORTS_PER_HOUR, type ReportReason } from '../../protocol/reports.ts'
import type { Database } from '../tables.ts'
import type { ReportRow } from './tables.ts'

const HOUR_MS = 3_600_000

export type NewReport = {
  at: number
  reporter: UserId
  subject: UserId
  reason: ReportReason
  text?: string
  /** Of a message: where it is and what it said. */
  about?: { room: RoomId; seq: number; message: ReportedMessage }
}

/** What members have told the moderators of the server. */
export interface Reports {
  /**
   * Answers the id; that of the open report when the same one has reported the same before. Throws `rate_limited` past
   * `REPORTS_PER_HOUR`.
   */
  add(report: NewReport): Promise<{ id: number; isNew: boolean }>
  get(id: number): Promise<Report | undefined>
  /** Open ones oldest first, closed ones newest first; `before`: the id of the last one of the page before. */
  list(query: { open: boolean; before?: number; limit: number }): Promise<Report[]>
  /** Newest first. */
  mine(reporter: UserId, limit: number): Promise<MyReport[]>
  /** False when it is closed already. */
  close(id: number, closing: { state: 'handled' | 'dismissed'; by: UserId; at: number }): Promise<boolean>
  note(id: number, note: string): Promise<void>
  /** The message of a report, and of others about the same one, is gone. */
  removed(room: RoomId, seq: number): Promise<void>
}

type Row = Selectable<ReportRow> & { display_name: string }

export function createReports(db: Kysely<Database>): Reports {
  const read = db
    .selectFrom('reports')
    .innerJoin('users', 'users.id', 'reports.subject')
    .selectAll('reports')
    .select('users.display_name')

  return {
    add: ({ at, reporter, subject, reason, text, about }) =>
      db.transaction().execute(async (transaction) => {
        // The reporter's row is the lock: two calls at once do not count past each other.
        await transaction.selectFrom('users').select('id').where('id', '=', reporter).forUpdate().execute()
        const { rows } = await sql<{ id: number }>`
          select id from reports where reporter = ${reporter} and state = 'open' and subject = ${subject}
            and room_id is not distinct from ${about?.room ?? null}::text
            and seq is not distinct from ${about?.seq ?? null}::int`.execute(transaction)
        if (rows[0] !== undefined) return { id: rows[0].id, isNew: false }
        const earlier = await transaction
          .selectFrom('reports')
          .select('at')
          .where('reporter', '=', reporter)
          .where('at', '>', at - HOUR_MS)
          .orderBy('at')
          .execute()
        if (earlier.length >= REPORTS_PER_HOUR) {
          throw new ChatError('rate_limited', { retryAfterMs: HOUR_MS - (at - (earlier[0]?.at ?? at)) })
        }
        const { id } = await transaction
          .insertInto('reports')
          .values({
            at,
            reporter,
            subject,
            room_id: about?.room ?? null,
            seq: about?.seq ?? null,
            reason,
            text: text ?? null,
            message: about === undefined ? null : JSON.stringify(about.message),
          })
          .returning('id')
          .executeTakeFirstOrThrow()
        return { id, isNew: true }
      }),

    async get(id) {
      const row = await read.where('reports.id', '=', id).executeTakeFirst()
      return row && toReport(row)
    },

    async list({ open, before, limit }) {
      const rows = await read
        .where(sql<boolean>`(reports.state = 'open') = ${open}`)
        .$if(before !== undefined, (query) => query.where('reports.id', open ? '>' : '<', before ?? 0))
        .orderBy('reports.id', open ? 'asc' : 'desc')
        .limit(limit)
        .execute()
      return rows.map(toReport)
    },

    async mine(reporter, limit) {
      const rows = await read.where('reporter', '=', reporter).orderBy('reports.id', 'desc').limit(limit).execute()
      return rows.map(toMine)
    },

    async close(id, { state, by, at }) {
      const { numUpdatedRows } = await db
        .updateTable('reports')
        .set({ state, closed_at: at, closed_by: by })
        .where('id', '=', id)
        .where('state', '=', 'open')
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async note(id, note) {
      await db.updateTable('reports').set({ note }).where('id', '=', id).execute()
    },

    async removed(room, seq) {
      await db
        .updateTable('reports')
        .set({ removed: true })
        .where('room_id', '=', room)
        .where('seq', '=', seq)
        .execute()
    },
  }
}

const where = ({ room_id, seq }: Pick<Row, 'room_id' | 'seq'>) => ({
  ...(room_id !== null && { room: room_id }),
  ...(seq !== null && { seq }),
})

const toReport = (row: Row): Report => ({
  id: row.id,
  at: row.at,
  state: row.state,
  reason: row.reason,
  ...(row.text !== null && { text: row.text }),
  ...(row.reporter !== null && { reporter: row.reporter }),
  subject: row.subject,
  subjectName: row.display_name,
  ...where(row),
  ...(row.message !== null && { message: row.message }),
  ...(row.removed && { removed: true }),
  ...(row.note !== null && { note: row.note }),
  ...(row.closed_at !== null && { closedAt: row.closed_at }),
  ...(row.closed_by !== null && { closedBy: row.closed_by }),
})

const toMine = (row: Row): MyReport => ({
  id: row.id,
  at: row.at,
  ...where(row),
  ...(row.room_id === null && { user: row.subject }),
  reason: row.reason,
  state: row.state === 'open' ? 'open' : 'handled',
})
