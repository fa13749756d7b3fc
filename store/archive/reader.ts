/**
 * The archive's reading side: pages of a room's log and what has been said since about the events in them. A log has no
 * gaps ([P2]), so a page is a range of seqs, and no plan that PostgreSQL may choose reads more than the page.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { ChatEvent, EventDraft, HistoryPage } from '../../protocol/events.ts'
import type { RoomId, Seq, UserId } from '../../protocol/ids.ts'
import { MAX_SEQ } from '../../protocol/limits.ts'
import type { Database } from '../tables.ts'
import type { Archive, ArchivedEvent } from './archive.ts'
import { archivedEvent } from './entry.ts'

export type Reader = Pick<Archive, 'page' | 'catchUp' | 'read' | 'find' | 'lastMessageOf' | 'heads' | 'expired'> & {
  findArchived(room: RoomId, seq: number): Promise<ArchivedEvent | undefined>
}

/** Events in one answer of `catchUp`, over all rooms: later rooms get none and are asked for again. */
const CATCH_UP_MAX = 5_000

type PageRow = { room: RoomId; head: number; epoch: number; seq: number | null; body: string; related: boolean }

/** `body` begins with a brace; the seq goes in front, as on the wire. */
const parseEvent = (seq: number, body: string): ChatEvent => JSON.parse(`{"seq":${seq},${body.slice(1)}`) as ChatEvent

/**
 * The statement of both kinds of pages. `asked`: rows of (room, head, epoch). `page`: rows of (room, head, seq, body).
 * Of the events after a page that are about its events, the last word of each kind is enough: the last edit, and for
 * each person and emoji whether the reaction stands.
 */
const pages = (asked: RawBuilder<unknown>, page: RawBuilder<unknown>) => sql<PageRow>`
  with asked as materialized (${asked}),
  page as materialized (${page}),
  bounds as (select room, head, min(seq) as lowest, max(seq) as highest from page group by room, head),
  related as (
    select distinct on (b.room, e.target, word.kind) b.room, e.seq, e.body::text as body
    from bounds b
    -- The offset keeps the planner from walking the log instead of the index of targets.
    cross join lateral (
      select * from events where room_id = b.room and target between b.lowest and b.highest offset 0
    ) e
    cross join lateral (select case
      when e.type in ('reacted', 'unreacted') then e.author || ' ' || (e.body ->> 'emoji')
      when e.type in ('pinned', 'unpinned') then 'PIN'
      else upper(e.type)
    end as kind) word
    where b.highest < b.head and e.seq > b.highest
    order by b.room, e.target, word.kind, e.seq desc
  ),
  found as (
    select room, seq, body, false as related from page
    union all
    select room, seq, body, true from related
  )
  select a.room, a.head, a.epoch, f.seq, f.body, f.related
  from asked a left join found f on f.room = a.room
  order by a.room, f.seq`

export function createReader(db: Kysely<Database>): Reader {
  async function read(room: RoomId, after: number, limit: number): Promise<ArchivedEvent[]> {
    const { rows } = await sql<{ seq: number; body: string }>`
      select seq, body::text as body from events
      where room_id = ${room} and seq > ${after} and seq <= ${lastOf(after, limit)} order by seq`.execute(db)
    return rows.map(({ seq, body }) => archivedEvent(room, seq, JSON.parse(body) as EventDraft, body))
  }

  async function findArchived(room: RoomId, seq: number): Promise<ArchivedEvent | undefined> {
    const [event] = await read(room, seq - 1, 1)
    return event?.seq === seq ? event : undefined
  }

  return {
    read,
    findArchived,

    async page({ room, after, before, limit, from = 1 }) {
      const forward = after !== undefined
      const position = Math.max(after ?? 0, from - 1)
      const asked = sql`select id as room, head, epoch from rooms where id = ${room} and deleted_at is null`
      const bounded = forward
        ? sql`seq > ${position} and seq <= ${lastOf(position, limit)}`
        : sql`seq >= ${from} and seq >= least(${before ?? MAX_SEQ}, a.head + 1) - ${limit}::int
            and seq < least(${before ?? MAX_SEQ}, a.head + 1)`
      const { rows } = await pages(
        asked,
        sql`select a.room, a.head, e.seq, e.body::text as body from asked a
          cross join lateral (select seq, body from events where room_id = a.room and ${bounded}) e`,
      ).execute(db)
      const page = collect(rows).get(room)
      if (page === undefined) throw new ChatError('room_not_found')
      const first = page.messages[0]?.seq ?? 0
      const last = page.messages.at(-1)?.seq ?? page.head
      return { ...page, more: forward ? last < page.head : first > from }
    },

    async catchUp(rooms, limit) {
      const places = new Map(rooms.map((room) => [room.room, room]))
      const wanted = [...places.values()]
      const { rows } = await pages(
        sql`select r.id as room, r.head, r.epoch, q.after, q.start,
            least(${limit}::int, greatest(0, ${CATCH_UP_MAX}::int - coalesce(sum(
              least(${limit}::int, greatest(0, r.head - q.after))
            ) over (order by q.place rows between unbounded preceding and 1 preceding), 0)))::int as allowed
          from unnest(
            ${wanted.map(({ room }) => room)}::text[], ${wanted.map(({ after }) => after)}::int[],
            ${wanted.map(({ from }) => from ?? 1)}::int[]
          ) with ordinality q (room, after, start, place)
          join rooms r on r.id = q.room and r.deleted_at is null`,
        sql`select a.room, a.head, e.seq, e.body::text as body from asked a
          cross join lateral (
            select seq, body from events where room_id = a.room
              and seq > greatest(a.after, a.start - 1) and seq <= greatest(a.after, a.start - 1) + a.allowed
          ) e`,
      ).execute(db)
      const found = collect(rows)
      for (const [room, page] of found) {
        const position = page.messages.at(-1)?.seq ?? places.get(room)?.after ?? 0
        page.more = position < page.head
      }
      return found
    },

    async find(room, seq) {
      const event = await findArchived(room, seq)
      return event === undefined ? undefined : parseEvent(seq, event.json)
    },

    async lastMessageOf(room, author) {
      const { rows } = await sql<{ seq: number; body: string }>`
        select seq, body::text as body from events
        where room_id = ${room} and author = ${author} and type = 'message' order by seq desc limit 1`.execute(db)
      return rows[0] && parseEvent(rows[0].seq, rows[0].body)
    },

    async expired(now, limit) {
      const { rows } = await sql<{ room: RoomId; seq: Seq; author: UserId }>`
        select x.room_id as room, x.seq, e.author from expirations x
        join events e on e.room_id = x.room_id and e.seq = x.seq
        join rooms r on r.id = x.room_id and r.deleted_at is null
        where x.at <= ${now} order by x.at limit ${limit}`.execute(db)
      return rows
    },

    async heads(rooms) {
      if (rooms.length === 0) return new Map()
      const found = await db
        .selectFrom('rooms')
        .select(['id', 'head'])
        .where('id', 'in', rooms)
        .where('deleted_at', 'is', null)
        .execute()
      return new Map(found.map(({ id, head }) => [id, head]))
    },
  }
}

const lastOf = (position: number, limit: number): number => Math.min(MAX_SEQ, position + limit)

function collect(rows: readonly PageRow[]): Map<RoomId, HistoryPage> {
  const found = new Map<RoomId, HistoryPage>()
  for (const { room, head, epoch, seq, body, related } of rows) {
    let page = found.get(room)
    if (page === undefined) {
      page = { messages: [], related: [], head, epoch, more: false }
      found.set(room, page)
    }
    if (seq !== null) page[related ? 'related' : 'messages'].push(parseEvent(seq, body))
  }
  return found
}
