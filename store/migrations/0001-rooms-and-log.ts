import { type Kysely, sql } from 'kysely'
import { archiveFunctions } from './0001-archive-functions.ts'

/**
 * Users, rooms, members and the log. Ids compare byte by byte, so that every server sorts and locks them alike.
 * Times are milliseconds since 1970.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of tables) await sql.raw(statement).execute(db)
  for (const statement of archiveFunctions) await sql.raw(statement).execute(db)
}

const tables = [
  `create table users (
    id text collate "C" primary key,
    display_name text not null,
    created_at bigint not null,
    last_seen_at bigint,
    status_state text,
    status_text text
  )`,

  // Half of each page stays free: the counters change with every commit, and the new version stays on the page.
  `create table rooms (
    id text collate "C" primary key,
    name text not null,
    topic_line text not null,
    kind text not null check (kind in ('public', 'private', 'direct')),
    settings json not null,
    head int not null default 0,
    messages int not null default 0,
    last_message int,
    member_count int not null default 0,
    epoch int not null default 1,
    created_at bigint not null,
    direct_key text collate "C" constraint rooms_direct_key unique,
    deleted_at bigint
  ) with (fillfactor = 50)`,
  `create index rooms_public on rooms (member_count) where kind = 'public' and deleted_at is null`,

  `create table members (
    room_id text collate "C" not null constraint members_room references rooms,
    user_id text collate "C" not null constraint members_user references users,
    role text not null check (role in ('owner', 'admin', 'member', 'reader')),
    joined_at bigint not null,
    joined_seq int not null,
    primary key (room_id, user_id)
  )`,
  `create index members_by_user on members (user_id, room_id)`,

  // No foreign key: the archive holds the room's row whenever it writes here.
  `create table events (
    room_id text collate "C" not null,
    seq int not null,
    type text not null,
    author text collate "C" not null,
    at bigint not null,
    target int,
    messages int not null,
    body json not null,
    primary key (room_id, seq)
  )`,
  `create index events_by_author on events (room_id, author, seq) where type = 'message'`,
  `create index events_by_target on events (room_id, target) where target is not null`,

  `create table mentions (
    room_id text collate "C" not null,
    user_id text collate "C" not null,
    seq int not null,
    primary key (room_id, user_id, seq)
  )`,

  // Messages with a ttl, until they are deleted.
  `create table expirations (
    room_id text collate "C" not null,
    seq int not null,
    at bigint not null,
    primary key (room_id, seq)
  )`,
  `create index expirations_by_time on expirations (at)`,

  `create table command_ids (
    room_id text collate "C" not null,
    author text collate "C" not null,
    command_id text collate "C" not null,
    seq int not null,
    at bigint not null,
    primary key (room_id, author, command_id)
  )`,

  // The last publish of each packet id of a device: how a retransmission is recognised.
  `create table transmissions (
    author text collate "C" not null,
    device_id text collate "C" not null,
    packet_id int not null,
    room_id text collate "C" not null,
    payload_hash text collate "C" not null,
    seq int not null,
    at bigint not null,
    primary key (author, device_id, packet_id)
  ) with (fillfactor = 70)`,

  // What became of each writer's last batch.
  `create table archive_writers (
    id text collate "C" primary key,
    batch bigint not null,
    seqs int[],
    at bigint not null
  ) with (fillfactor = 20)`,
  `alter table archive_writers alter column seqs set storage main`,

  `create table marks (
    room_id text collate "C" not null,
    user_id text collate "C" not null,
    read int not null,
    delivered int not null,
    primary key (room_id, user_id),
    constraint marks_member foreign key (room_id, user_id) references members on delete cascade
  ) with (fillfactor = 70)`,

  `create table cursors (
    user_id text collate "C" not null constraint cursors_user references users on delete cascade,
    device_id text collate "C" not null,
    room_id text collate "C" not null constraint cursors_room references rooms on delete cascade,
    seq int not null,
    updated_at bigint not null,
    primary key (user_id, device_id, room_id)
  ) with (fillfactor = 70)`,
]
