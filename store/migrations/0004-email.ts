import { type Kysely, sql } from 'kysely'

/** Addresses of people, proven by a link in a mail, and the links themselves, which are kept as hashes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table credentials add column email_verified_at bigint`,
  // Anybody may claim an address; it belongs to the one who has proven it.
  `create unique index credentials_email on credentials (lower(email)) where email_verified_at is not null`,

  `create table action_links (
    hash text collate "C" primary key,
    user_id text collate "C" not null constraint action_links_user references users on delete cascade,
    purpose text not null check (purpose in ('verify-email', 'reset-password')),
    email text,
    created_at bigint not null,
    expires_at bigint not null
  )`,
  `create index action_links_by_user on action_links (user_id)`,
]
