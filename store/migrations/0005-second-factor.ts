import { type Kysely, sql } from 'kysely'

/** What people prove themselves with beside a password. Secrets are encrypted or hashed before they come here. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of tables) await sql.raw(statement).execute(db)
}

const tables = [
  `create table totp_secrets (
    user_id text collate "C" primary key constraint totp_secrets_user references users on delete cascade,
    secret text not null,
    created_at bigint not null,
    confirmed_at bigint,
    last_step bigint not null default 0,
    attempts int not null default 0,
    blocked_until bigint not null default 0
  ) with (fillfactor = 70)`,

  `create table recovery_codes (
    user_id text collate "C" not null constraint recovery_codes_user references users on delete cascade,
    hash text collate "C" not null,
    primary key (user_id, hash)
  )`,

  `create table passkeys (
    id text collate "C" primary key,
    user_id text collate "C" not null constraint passkeys_user references users on delete cascade,
    name text not null,
    public_key text not null,
    counter bigint not null,
    transports text[] not null,
    created_at bigint not null,
    last_used_at bigint
  ) with (fillfactor = 70)`,
  `create index passkeys_by_user on passkeys (user_id)`,

  // What was good once: challenges and tickets, until they would have expired by themselves.
  `create table spent_proofs (
    id text collate "C" primary key,
    expires_at bigint not null
  )`,
  `create index spent_proofs_by_expiry on spent_proofs (expires_at)`,
]
