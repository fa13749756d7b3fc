import { type Kysely, type Selectable, sql } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { UserId } from '../../protocol/ids.ts'
import type { Status } from '../../protocol/presence.ts'
import type { NameTags } from '../personal-data/name-tags.ts'
import type { Database, UserRow } from '../tables.ts'
import { insertUser } from './insert-user.ts'

/** `createdAt` in milliseconds since 1970. */
export type UserEntry = {
  id: UserId
  displayName: string
  createdAt: number
  /** The id of the picture. */
  avatar?: string
  about?: string
  timeZone?: string
}

/** What is given is changed; an empty `about` or `timeZone` is taken back. */
export type ProfileChanges = { displayName?: string; about?: string; timeZone?: string }

/** Everybody who has an account, and what is kept of their presence. */
export interface Users {
  /** Makes a user with a password. Throws `username_taken`. */
  create(user: UserEntry, credential: { passwordHash: string; email?: string }): Promise<void>
  get(user: UserId): Promise<UserEntry | undefined>
  /** Those who exist, in no order. */
  getMany(users: readonly UserId[]): Promise<UserEntry[]>
  /** Users whose id or display name begins with `text`, in any case; all when it is empty. Sorted by id. */
  search(query: { text: string; limit: number }): Promise<UserEntry[]>
  /** Throws `user_not_found`. */
  change(user: UserId, changes: ProfileChanges): Promise<UserEntry>

  /** When users were last here. Those who were never seen, or do not exist, are absent. */
  lastSeen(users: readonly UserId[]): Promise<Map<UserId, number>>
  /** What users say of themselves; absent when they never did. */
  statuses(users: readonly UserId[]): Promise<Map<UserId, Status>>
  /** Writes what is given of each; `lastSeen` only moves forward. */
  savePresence(records: ReadonlyMap<UserId, { lastSeen?: number; status?: Status }>): Promise<void>
}

const STATES: readonly unknown[] = ['online', 'away', 'busy'] satisfies Status['state'][]
const isState = (value: unknown): value is Status['state'] => STATES.includes(value)

export function createUsers(db: Kysely<Database>, tagName: NameTags): Users {
  return {
    async create({ id, displayName, createdAt }, { passwordHash, email }) {
      const credential = { password_hash: passwordHash, email: email ?? null, email_verified_at: null }
      await db
        .transaction()
        .execute((transaction) => insertUser(transaction, tagName, { id, displayName, createdAt }, credential))
    },

    async get(user) {
      const row = await db.selectFrom('users').selectAll().where('id', '=', user).executeTakeFirst()
      return row && toEntry(row)
    },

    async getMany(users) {
      if (users.length === 0) return []
      const rows = await db.selectFrom('users').selectAll().where('id', '=', sql<UserId>`any(${users})`).execute()
      return rows.map(toEntry)
    },

    async search({ text, limit }) {
      if (text.includes('\0')) return []
      const start = `${text.replace(/[\\%_]/g, '\\$&')}%`
      const rows = await db
        .selectFrom('users')
        .selectAll()
        .$if(text !== '', (query) =>
          query.where(sql<boolean>`(id like lower(${start}) or lower(display_name) like lower(${start}))`),
        )
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(toEntry)
    },

    async change(user, { displayName, about, timeZone }) {
      const row = await db
        .updateTable('users')
        .set({
          ...(displayName !== undefined && { display_name: displayName }),
          ...(about !== undefined && { about: about || null }),
          ...(timeZone !== undefined && { time_zone: timeZone || null }),
        })
        .where('id', '=', user)
        .returningAll()
        .executeTakeFirst()
      if (row === undefined) throw new ChatError('user_not_found')
      return toEntry(row)
    },

    async lastSeen(users) {
      const rows = await db
        .selectFrom('users')
        .select(['id', 'last_seen_at'])
        .where('id', '=', sql<UserId>`any(${users})`)
        .execute()
      return new Map(rows.flatMap((row) => (row.last_seen_at === null ? [] : [[row.id, row.last_seen_at] as const])))
    },

    async statuses(users) {
      const rows = await db
        .selectFrom('users')
        .select(['id', 'status_state', 'status_text'])
        .where('id', '=', sql<UserId>`any(${users})`)
        .execute()
      return new Map(rows.flatMap((row) => (isState(row.status_state) ? [[row.id, toStatus(row)] as const] : [])))
    },

    async savePresence(records) {
      if (records.size === 0) return
      // Sorted, so that two nodes that write at once lock the rows in one order.
      const entries = [...records].sort(([one], [other]) => (one < other ? -1 : 1))
      await sql`
        update users set
          last_seen_at = greatest(users.last_seen_at, given.last_seen),
          status_state = coalesce(given.state, users.status_state),
          status_text = case when given.state is null then users.status_text else given.text end
        from unnest(
          ${entries.map(([user]) => user)}::text[],
          ${entries.map(([, record]) => record.lastSeen ?? null)}::bigint[],
          ${entries.map(([, record]) => record.status?.state ?? null)}::text[],
          ${entries.map(([, record]) => record.status?.text ?? null)}::text[]
        ) as given (id, last_seen, state, text)
        where users.id = given.id
      `.execute(db)
    },
  }
}

const toEntry = (row: Selectable<UserRow>): UserEntry => ({
  id: row.id,
  displayName: row.display_name,
  createdAt: row.created_at,
  ...(row.avatar_id !== null && { avatar: row.avatar_id }),
  ...(row.about !== null && { about: row.about }),
  ...(row.time_zone !== null && { timeZone: row.time_zone }),
})

function toStatus(row: Pick<UserRow, 'status_state' | 'status_text'>): Status {
  const state = isState(row.status_state) ? row.status_state : 'online'
  return { state, ...(row.status_text !== null && { text: row.status_text }) }
}
