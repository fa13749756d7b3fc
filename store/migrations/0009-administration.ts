import { type Kysely, sql } from 'kysely'

/** Roles on the server, suspensions, reports, and what tells other processes that a credential has ended. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table server_roles (
    user_id text collate "C" primary key constraint server_roles_user references users on delete cascade,
    role text not null check (role in ('owner', 'moderator')),
    at bigint not null
  )`,

  // Whoever comes first owns the server, whichever way the account is made. One row at most: of two who come at once,
  // the second waits for the first to be there or to fail.
  `create table first_account (is_there boolean primary key default true check (is_there), at bigint not null)`,
  `insert into first_account (at) select min(created_at) from users having count(*) > 0`,
  `create function first_account_owns_the_server() returns trigger language plpgsql as $$
  begin
    insert into first_account (at) values (new.created_at) on conflict do nothing;
    if found then
      insert into server_roles (user_id, role, at) values (new.id, 'owner', new.created_at);
    end if;
    return null;
  end $$`,
  `create trigger first_account_owns_the_server after insert on users
    for each row execute function first_account_owns_the_server()`,

  `create table suspensions (
    user_id text collate "C" primary key constraint suspensions_user references users on delete cascade,
    at bigint not null,
    until bigint,
    reason text not null,
    by_id text collate "C" constraint suspensions_by references users on delete set null
  )`,

  `create table reports (
    id bigint generated always as identity primary key,
    at bigint not null,
    reporter text collate "C" constraint reports_reporter references users on delete set null,
    subject text collate "C" not null constraint reports_subject references users on delete cascade,
    room_id text collate "C",
    seq int,
    reason text not null,
    text text,
    message json,
    removed boolean not null default false,
    state text not null default 'open' check (state in ('open', 'handled', 'dismissed')),
    note text,
    closed_at bigint,
    closed_by text collate "C" constraint reports_closed_by references users on delete set null
  )`,
  `create index reports_by_state on reports ((state = 'open'), id)`,
  `create index reports_by_reporter on reports (reporter, at)`,
  `create index reports_by_subject on reports (subject)`,

  // What ended, for the processes that remember it as standing. \`tx\`: readers go on from the oldest transaction that
  // was under way when they last looked, so nothing that is committed late is missed. Without a credential: all of
  // the user; without a user: the signing keys changed.
  `create table access_changes (
    id bigint generated always as identity primary key,
    tx xid8 not null default pg_current_xact_id(),
    at bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
    user_id text collate "C",
    credential text collate "C"
  )`,
  `create index access_changes_by_tx on access_changes (tx)`,
  `create function note_credential() returns trigger language plpgsql as $$
  begin
    insert into access_changes (user_id, credential) values (old.user_id, old.id);
    return null;
  end $$`,
  `create function note_user() returns trigger language plpgsql as $$
  begin
    insert into access_changes (user_id) values (new.user_id);
    return null;
  end $$`,
  `create function note_signing_keys() returns trigger language plpgsql as $$
  begin
    insert into access_changes (user_id) values (null);
    return null;
  end $$`,
  `create trigger session_ended after update of ended_at on sessions for each row
    when (old.ended_at is null and new.ended_at is not null) execute function note_credential()`,
  `create trigger session_deleted after delete on sessions for each row
    when (old.ended_at is null) execute function note_credential()`,
  `create trigger app_token_deleted after delete on app_tokens for each row execute function note_credential()`,
  `create trigger user_suspended after insert or update on suspensions
    for each row execute function note_user()`,
  `create trigger signing_key_added after insert on signing_keys
    for each statement execute function note_signing_keys()`,
]
