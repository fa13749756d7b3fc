import { type Kysely, sql } from 'kysely'

/** Bans and mutes in rooms, archived rooms, people who do not want to hear each other, and the audit log. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table rooms add column archived_at bigint`,
  `alter table members add column muted_until bigint`,

  `create table room_bans (
    room_id text collate "C" not null constraint room_bans_room references rooms on delete cascade,
    user_id text collate "C" not null constraint room_bans_user references users on delete cascade,
    until bigint not null,
    reason text,
    by_id text collate "C" not null,
    at bigint not null,
    primary key (room_id, user_id)
  )`,
  `create index room_bans_by_user on room_bans (user_id)`,

  `create table blocks (
    user_id text collate "C" not null constraint blocks_user references users on delete cascade,
    blocked_id text collate "C" not null constraint blocks_blocked references users on delete cascade,
    at bigint not null,
    primary key (user_id, blocked_id)
  )`,
  `create index blocks_by_blocked on blocks (blocked_id)`,

  // People of the audit log by number, so that who deletes his account is forgotten without a change of the log.
  `create table audit_people (
    number int generated always as identity primary key,
    user_id text collate "C" not null constraint audit_people_user unique
  )`,
  `create table audit_log (
    id bigint generated always as identity primary key,
    at bigint not null,
    action text not null,
    actor int,
    subject int,
    room_id text collate "C",
    details json
  )`,
  `create index audit_log_by_time on audit_log (at)`,
  `create function audit_log_is_append_only() returns trigger language plpgsql as $$
  begin
    raise exception 'the audit log is append only';
  end $$`,
  `create trigger audit_log_append_only before update or delete or truncate on audit_log
    execute function audit_log_is_append_only()`,
]
