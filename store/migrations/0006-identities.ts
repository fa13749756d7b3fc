import { type Kysely, sql } from 'kysely'

/** Who people are at a provider of sign-ins; an account that came from there may have no password. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `alter table credentials alter column password_hash drop not null`,

  // A provider knows its people by a subject that it never gives to another one; names and addresses may change hands.
  `create table identities (
    id text collate "C" primary key,
    issuer text collate "C" not null,
    subject text collate "C" not null,
    user_id text collate "C" not null constraint identities_user references users on delete cascade,
    name text not null,
    created_at bigint not null,
    last_used_at bigint,
    constraint identities_subject unique (issuer, subject)
  ) with (fillfactor = 70)`,
  `create index identities_by_user on identities (user_id)`,
]
