import { type Kysely, sql } from 'kysely'

/** Invitations of people, requests to join, and invite links of rooms and of the server. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table room_invitations (
    room_id text collate "C" not null constraint room_invitations_room references rooms on delete cascade,
    user_id text collate "C" not null constraint room_invitations_user references users on delete cascade,
    role text not null check (role in ('member', 'reader')),
    by_id text collate "C" not null constraint room_invitations_by references users on delete cascade,
    at bigint not null,
    primary key (room_id, user_id)
  )`,
  `create index room_invitations_by_user on room_invitations (user_id)`,
  `create index room_invitations_by_maker on room_invitations (by_id)`,

  `create table join_requests (
    room_id text collate "C" not null constraint join_requests_room references rooms on delete cascade,
    user_id text collate "C" not null constraint join_requests_user references users on delete cascade,
    text text not null,
    at bigint not null,
    primary key (room_id, user_id)
  )`,
  `create index join_requests_by_user on join_requests (user_id)`,

  // Without a room: an invitation to the server. The code is here as a hash, and sealed for those who may copy it.
  `create table invites (
    id text collate "C" primary key,
    room_id text collate "C" constraint invites_room references rooms on delete cascade,
    role text check (role in ('member', 'reader')),
    code_hash text collate "C" not null constraint invites_code unique,
    code_sealed text not null,
    note text not null,
    by_id text collate "C" constraint invites_by references users on delete cascade,
    used int not null default 0,
    uses int,
    created_at bigint not null,
    expires_at bigint,
    check ((room_id is null) = (role is null))
  ) with (fillfactor = 70)`,
  `create index invites_by_room on invites (room_id)`,
  `create index invites_by_maker on invites (by_id)`,

  // Who is in, by whatever way, is no longer invited and no longer asks.
  `create function settle_invitations() returns trigger language plpgsql as $$
  begin
    delete from room_invitations where room_id = new.room_id and user_id = new.user_id;
    delete from join_requests where room_id = new.room_id and user_id = new.user_id;
    return null;
  end $$`,
  `create trigger members_settle_invitations after insert on members for each row execute function settle_invitations()`,
]
