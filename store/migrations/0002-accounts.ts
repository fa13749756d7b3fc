import { type Kysely, sql } from 'kysely'

/** How people and their devices prove who they are. Secrets are hashed, private keys encrypted before they come here. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of tables) await sql.raw(statement).execute(db)
}

const tables = [
  // For the directory: what a name begins with, in any case.
  `create index users_by_name on users (lower(display_name) text_pattern_ops)`,

  `create table credentials (
    user_id text collate "C" primary key constraint credentials_user references users on delete cascade,
    password_hash text not null,
    email text,
    changed_at bigint not null
  )`,

  `create table sessions (
    id text collate "C" primary key,
    user_id text collate "C" not null constraint sessions_user references users on delete cascade,
    device text not null,
    refresh_hash text collate "C" not null,
    created_at bigint not null,
    last_used_at bigint not null,
    expires_at bigint not null,
    ended_at bigint,
    places text[] not null
  ) with (fillfactor = 70)`,
  `create index sessions_by_user on sessions (user_id)`,

  `create table app_tokens (
    id text collate "C" primary key,
    user_id text collate "C" not null constraint app_tokens_user references users on delete cascade,
    name text not null,
    hash text collate "C" not null constraint app_tokens_hash unique,
    rooms text[],
    access text not null check (access in ('read', 'write')),
    expires_at bigint,
    created_at bigint not null,
    last_used_at bigint
  ) with (fillfactor = 70)`,
  `create index app_tokens_by_user on app_tokens (user_id)`,

  `create table signing_keys (
    id text collate "C" primary key,
    public_key json not null,
    private_key text not null,
    created_at bigint not null,
    retired_at bigint
  )`,
]
