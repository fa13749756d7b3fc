import { type Kysely, type Selectable, sql } from 'kysely'
import type { ChatEvent, EventDraft, Role } from '../../protocol/events.ts'
import type { Seq, UserId } from '../../protocol/ids.ts'
import { unreadCounts } from '../counts.ts'
import type { Database, RoomRow } from '../tables.ts'
import { toRoom } from './room-row.ts'
import type { RoomOverview } from './rooms.ts'

type Row = Selectable<RoomRow> & {
  role: Role
  joined_seq: number
  muted_until: number | null
  read: number
  delivered: number
  unread: number
  mentions: number
  last_seq: number | null
  last_body: EventDraft | null
  peer: UserId | null
}

/** All rooms of a user with counters, last message and peer, in one statement. */
export async function overview(db: Kysely<Database>, user: UserId): Promise<RoomOverview[]> {
  const { rows } = await sql<Row>`
    select r.*, m.role, m.joined_seq, m.muted_until, coalesce(k.read, 0) as read, coalesce(k.delivered, 0) as delivered,
      c.unread, c.mentions, l.seq as last_seq, l.body as last_body, p.user_id as peer
    from members m
    join rooms r on r.id = m.room_id
    left join marks k on k.room_id = m.room_id and k.user_id = m.user_id
    cross join lateral (${unreadCounts(sql`coalesce(k.read, 0)`)}) c
    left join events l on l.room_id = r.id and l.seq = r.last_message
      and (l.seq >= m.joined_seq or r.settings ->> 'history' <> 'since_joining')
    left join members p on r.kind = 'direct' and p.room_id = r.id and p.user_id <> m.user_id
    where m.user_id = ${user}
    order by r.id`.execute(db)
  return rows.map(toOverview)
}

function toOverview(row: Row): RoomOverview {
  const { role, joined_seq: joinedSeq, read, delivered, unread, mentions, last_seq, last_body, peer } = row
  const last = last_seq !== null && last_body !== null && ({ seq: last_seq as Seq, ...last_body } as ChatEvent)
  return {
    ...toRoom(row),
    role,
    joinedSeq,
    ...(row.muted_until !== null && { mutedUntil: row.muted_until }),
    read,
    delivered,
    unread,
    mentions,
    ...(last && { last }),
    ...(peer !== null && { peer }),
  }
}
