/** Rows about one person, page by page: memory does not grow with what there is. */
import { type Kysely, sql } from 'kysely'
import type { EventDraft } from '../../protocol/events.ts'
import type { RoomId, Seq } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'
import { declaredTables } from './declared-tables.ts'
import type { LogEntry, PersonalData } from './personal-data.ts'

const PAGE = 500
/** Rows of the log that one statement looks at. */
export const STRIDE = 10_000

type Place = { room: string; seq: number }

const exported = new Map(
  Object.entries(declaredTables).flatMap(([table, { columns, exports = [] }]) =>
    exports.map(({ file, by }) => {
      const secrets = Object.entries(columns).flatMap(([name, holds]) => (holds === 'secret' ? [name] : []))
      return [file, { table, by, secrets: new Set(secrets) }] as const
    }),
  ),
)

type Exports = Pick<PersonalData, 'files' | 'rows' | 'avatar' | 'authored' | 'mentions'>

export function createExportRows(db: Kysely<Database>): Exports {
  return {
    files: [...exported.keys()],

    async *rows(file, user) {
      const source = exported.get(file)
      if (source === undefined) throw new RangeError(file)
      const { table, by, secrets } = source
      // The place of a row on its page of the table: every table has one, whatever its key is.
      for (let after = '(0,0)'; ; ) {
        const { rows } = await sql<Record<string, unknown> & { place: string }>`
          select t.*, t.ctid::text as place from ${sql.table(table)} t
          where ${sql.ref(`t.${by}`)} = ${user} and t.ctid > ${after}::tid order by t.ctid limit ${PAGE}`.execute(db)
        for (const { place, ...row } of rows) {
          after = place
          yield Object.fromEntries(
            Object.entries(row).flatMap(([name, value]) => (secrets.has(name) ? [] : [[camelCase(name), value]])),
          )
        }
        if (rows.length < PAGE) return
      }
    },

    async avatar(user) {
      const { rows } = await sql<{ type: string; body: Uint8Array }>`
        select type, body from avatars where user_id = ${user}`.execute(db)
      return rows[0]
    },

    async *authored(user) {
      for (let from: Place = { room: '', seq: 0 }; ; ) {
        const to = await strideFrom(db, from)
        const { rows } = await sql<{ room: RoomId; seq: Seq; body: EventDraft }>`
          select room_id as room, seq, body from events
          where (room_id, seq) > (${from.room}, ${from.seq}::int) and author = ${user}
            and (${to?.room ?? null}::text is null or (room_id, seq) <= (${to?.room ?? ''}, ${to?.seq ?? 0}::int))
          order by room_id, seq limit ${PAGE}`.execute(db)
        for (const { room, seq, body } of rows) yield { room, event: { seq, ...body } } as LogEntry
        const next = rows.length === PAGE ? rows.at(-1) : to
        if (next === undefined) return
        from = { room: next.room, seq: next.seq }
      }
    },

    async *mentions(user) {
      for (let from: Place = { room: '', seq: 0 }; ; ) {
        const { rows } = await sql<{ room: RoomId; seq: number }>`
          select m.room_id as room, m.seq from mentions m join rooms r on r.id = m.room_id and r.deleted_at is null
          where m.user_id = ${user} and (m.room_id, m.seq) > (${from.room}, ${from.seq}::int)
          order by m.room_id, m.seq limit ${PAGE}`.execute(db)
        yield* rows
        const last = rows.at(-1)
        if (last === undefined || rows.length < PAGE) return
        from = last
      }
    },
  }
}

/** How far a stride through the log from here goes; `undefined`: to its end. */
export async function strideFrom(db: Kysely<Database>, from: Place): Promise<Place | undefined> {
  const { rows } = await sql<Place>`
    select room_id as room, seq from events where (room_id, seq) > (${from.room}, ${from.seq}::int)
    order by room_id, seq offset ${STRIDE - 1} limit 1`.execute(db)
  return rows[0]
}

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
