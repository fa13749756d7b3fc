import { type RawBuilder, sql } from 'kysely'

/**
 * Counters of a member `m` in a room `r` (aliases of the rows), with the read mark given: two index look-ups,
 * whatever the size of the room, for every event knows how many messages there were up to it. Who was blocked by the
 * member mentions nobody.
 */
export function unreadCounts(read: RawBuilder<unknown>): RawBuilder<{ unread: number; mentions: number }> {
  return sql`
    select r.messages - coalesce((
      select e.messages from events e where e.room_id = r.id and e.seq <= seen.seq order by e.seq desc limit 1
    ), 0) as unread, (
      select count(*)::int from mentions n
      where n.room_id = r.id and n.user_id = m.user_id and n.seq > seen.seq and not exists (
        select from events e join blocks b on b.user_id = m.user_id and b.blocked_id = e.author
        where e.room_id = r.id and e.seq = n.seq
      )
    ) as mentions
    from (select greatest(${read}, m.joined_seq, (
      select e.seq from events e
      where e.room_id = r.id and e.author = m.user_id and e.type = 'message' order by e.seq desc limit 1
    )) as seq) seen`
}
