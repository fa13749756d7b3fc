import { type Kysely, sql } from 'kysely'

/** Accounts on their way out, names that nobody may take again, and tickets to fetch one's own data with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // One row for each account that is being deleted, until nothing of it is left. \`room_id\`, \`seq\`: the log has been
  // gone through up to here.
  `create table deletions (
    user_id text collate "C" primary key,
    stand_in text collate "C" not null,
    messages text not null check (messages in ('anonymise', 'remove')),
    began_at bigint not null,
    forgotten boolean not null default false,
    room_id text collate "C" not null default '',
    seq int not null default 0
  )`,

  // Keyed hashes of the ids of deleted accounts.
  `create table taken_names (hash text collate "C" primary key)`,

  `create table export_tickets (
    hash text collate "C" primary key,
    user_id text collate "C" not null constraint export_tickets_user references users on delete cascade,
    expires_at bigint not null
  )`,
  `create index export_tickets_by_user on export_tickets (user_id)`,
]
