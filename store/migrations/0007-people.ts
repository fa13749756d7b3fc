import { type Kysely, sql } from 'kysely'

/** What people show of themselves, and to whom. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table users add column avatar_id text collate "C", add column about text, add column time_zone text`,
  // Pictures are cleaned and at most 1 MB when they come here; compressed already, so not once more.
  `create table avatars (
    id text collate "C" primary key,
    user_id text collate "C" not null constraint avatars_user references users on delete cascade,
    type text not null,
    body bytea not null,
    at bigint not null,
    constraint avatars_one_each unique (user_id)
  )`,
  `alter table avatars alter column body set storage external`,
  // Only of those who changed something.
  `create table privacy (
    user_id text collate "C" primary key constraint privacy_user references users on delete cascade,
    direct text not null check (direct in ('everyone', 'contacts', 'nobody')),
    presence text not null check (presence in ('everyone', 'contacts', 'nobody')),
    last_seen text not null check (last_seen in ('everyone', 'contacts', 'nobody')),
    read_marks boolean not null,
    typing boolean not null
  )`,
]
