/**
 * The archive's writing side, in the database so that a batch is one round trip. Statements inside see what was
 * committed before they began, so what follows a lock sees everything up to it.
 *
 * The planner is held to index look-ups, entry by entry (lateral, limit 1): its choice is kept, and a table that it
 * believed to be small when it chose is not read as a whole for every entry when it has grown.
 */
const planning = `
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
  set enable_bitmapscan = off set plan_cache_mode = force_generic_plan`

export const archiveFunctions = [
  `create type archive_entry as (
    r text, a text, t text, at bigint, g int, m text[], c text, d text, p int, u boolean, h text, x bigint, b json
  )`,

  /**
   * Appends a batch. \`entries\`: a JSON array of { r: room, a: author, t: type, at, g: target, m: mentions,
   * c: command id, d: device, p: packet id, u: DUP flag, h: payload hash, x: when it expires, b: the event without its seq }. No two may
   * have the same command id or packet id. Answers for each entry its seq; negated: it is a duplicate of that one;
   * 0: there is no such room. Fails with TD001 when a later batch of the writer is known.
   */
  `create function archive_append(writer text, number bigint, entries json) returns int[]
  language plpgsql ${planning} as $$
  declare
    known bigint;
    answer int[];
    entry archive_entry[];
  begin
    select w.batch into known from archive_writers w where w.id = writer for update;
    if known is null or known >= number then
      raise exception 'batch % of writer % is stale', number, writer using errcode = 'TD001';
    end if;

    entry := array(select e from json_populate_recordset(null::archive_entry, entries) e);
    perform 1 from (select distinct e.r from unnest(entry) e order by 1) given
      cross join lateral (select 1 from rooms r where r.id = given.r and r.deleted_at is null for update) locked;

    with given as (
      select e.*, e.ordinality as place, r.head, r.messages as counted, coalesce(c.seq, t.seq) as known_seq,
        r.id is not null and coalesce(c.seq, t.seq) is null as is_new
      from unnest(entry) with ordinality e
      left join lateral (select * from rooms r where r.id = e.r and r.deleted_at is null limit 1) r on true
      left join lateral (
        select c.seq from command_ids c where c.room_id = e.r and c.author = e.a and c.command_id = e.c limit 1
      ) c on true
      left join lateral (
        select t.seq from transmissions t
        where e.u and t.author = e.a and t.device_id = e.d and t.packet_id = e.p
          and t.room_id = e.r and t.payload_hash = e.h and t.at > e.at - 300000 limit 1
      ) t on true
    ), numbered as materialized (
      select g.*,
        (g.head + count(*) filter (where g.is_new) over room)::int as seq,
        (g.counted + count(*) filter (where g.is_new and g.t = 'message') over room)::int as messages
      from given g
      window room as (partition by g.r order by g.place)
    ), fresh as not materialized (
      select * from numbered n where n.is_new
    ), logged as (
      insert into events (room_id, seq, type, author, at, target, messages, body)
      select f.r, f.seq, f.t, f.a, f.at, f.g, f.messages, f.b from fresh f
    ), grown as materialized (
      select f.r, max(f.seq) as head, max(f.messages) as messages,
        max(f.seq) filter (where f.t = 'message') as last_message
      from fresh f group by f.r
    ), counted as (
      update rooms r set head = g.head, messages = g.messages, last_message = coalesce(g.last_message, r.last_message)
      from grown g
      where r.id = g.r
    ), named as (
      insert into command_ids (room_id, author, command_id, seq, at)
      select f.r, f.a, f.c, f.seq, f.at from fresh f where f.c is not null
    ), transmitted as (
      insert into transmissions (author, device_id, packet_id, room_id, payload_hash, seq, at)
      select f.a, f.d, f.p, f.r, f.h, f.seq, f.at from fresh f where f.p is not null order by f.a, f.d, f.p
      on conflict (author, device_id, packet_id) do update set
        room_id = excluded.room_id, payload_hash = excluded.payload_hash, seq = excluded.seq, at = excluded.at
    ), passing as (
      insert into expirations (room_id, seq, at) select f.r, f.seq, f.x from fresh f where f.x is not null
    ), mentioned as (
      insert into mentions (room_id, user_id, seq)
      select distinct f.r, m.who, coalesce(f.g, f.seq)
      from fresh f cross join lateral unnest(f.m) m (who)
      where m.who <> f.a
      on conflict do nothing
    )
    select array_agg(case when n.is_new then n.seq else coalesce(-n.known_seq, 0) end order by n.place) into answer
    from numbered n;

    perform archive_blank(e.r, e.g) from unnest(entry) with ordinality e
    where e.t = 'deleted' and answer[e.ordinality] > 0 order by e.r, e.g;

    update archive_writers w set batch = number, seqs = answer, at = extract(epoch from clock_timestamp()) * 1000
    where w.id = writer;
    return coalesce(answer, '{}');
  end $$`,

  /** Takes the content from a message and from the edits of it; where and whose they were stays. */
  `create function archive_blank(room text, message int) returns void
  language plpgsql ${planning} as $$
  begin
    update events e set body = json_build_object(
      'type', e.type, 'from', e.author, 'at', e.at, 'text', '', 'deleted', true)
    where e.room_id = room and e.seq = message and e.type = 'message';
    if not found then
      return;
    end if;
    update events e set body = json_build_object(
      'type', e.type, 'from', e.author, 'at', e.at, 'target', e.target, 'text', '', 'deleted', true)
    where e.room_id = room and e.target = message and e.type = 'edited';
    delete from mentions m where m.room_id = room and m.seq = message;
    delete from expirations x where x.room_id = room and x.seq = message;
  end $$`,

  /**
   * What became of batch \`number\`: its answer, or null when it was not committed; then it never will be. Makes the
   * writer known at the first call.
   */
  `create function archive_settle(writer text, number bigint) returns int[]
  language plpgsql ${planning} as $$
  declare
    known archive_writers%rowtype;
  begin
    insert into archive_writers (id, batch, at) values (writer, 0, extract(epoch from clock_timestamp()) * 1000)
    on conflict do nothing;
    select * into known from archive_writers w where w.id = writer for update;
    if known.batch = number then
      return known.seqs;
    end if;
    update archive_writers w set batch = number, seqs = null where w.id = writer and w.batch < number;
    return null;
  end $$`,
]
