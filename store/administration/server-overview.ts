import { type Kysely, sql } from 'kysely'
import type { AdminRoom, AdminUser, RoomCounts } from '../../protocol/http/administration.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { ServerRole } from '../../protocol/server-role.ts'
import type { Database } from '../tables.ts'
import { toSuspension } from './suspensions.ts'

export type ServerCounts = {
  users: { all: number; suspended: number }
  rooms: RoomCounts
  messages: number
  openReports: number
}

/** What the people who run the server see of it: nothing of what is said, and of private rooms how many there are. */
export interface ServerOverview {
  /** Sorted by id. `text`: what the id or the display name begins with. */
  users(query: {
    text: string
    only?: 'roles' | 'suspended'
    after?: UserId
    limit: number
    at: number
  }): Promise<AdminUser[]>
  user(user: UserId, at: number): Promise<AdminUser | undefined>
  /** Public rooms, sorted by id. */
  rooms(query: { text: string; after?: RoomId; limit: number }): Promise<AdminRoom[]>
  counts(at: number): Promise<ServerCounts>
}

type UserRow = {
  id: UserId
  display_name: string
  created_at: number
  last_seen_at: number | null
  role: ServerRole | null
  at: number | null
  until: number | null
  reason: string | null
  by_id: UserId | null
  sessions: number
  second_factor: boolean
}
type RoomRow = {
  id: RoomId
  name: string
  member_count: number
  messages: number
  created_at: number
  archived_at: number | null
}

const beginning = (text: string): string => `${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`

export function createServerOverview(db: Kysely<Database>): ServerOverview {
  const readUsers = (at: number) => sql`
    select u.id, u.display_name, u.created_at, u.last_seen_at, r.role, s.at, s.until, s.reason, s.by_id,
      (select count(*)::int from sessions x where x.user_id = u.id and x.ended_at is null and x.expires_at > ${at})
        as sessions,
      exists (select from totp_secrets t where t.user_id = u.id and t.confirmed_at is not null)
        or exists (select from passkeys p where p.user_id = u.id) as second_factor
    from users u
    left join server_roles r on r.user_id = u.id
    left join suspensions s on s.user_id = u.id and (s.until is null or s.until > ${at})`

  return {
    async users({ text, only, after = null, limit, at }) {
      if (text.includes('\0')) return []
      const { rows } = await sql<UserRow>`${readUsers(at)}
        where (u.id like ${beginning(text)} or lower(u.display_name) like ${beginning(text)})
          and (${after}::text is null or u.id > ${after})
          and (${only ?? null}::text is null
            or ${only ?? null} = 'roles' and r.role is not null
            or ${only ?? null} = 'suspended' and s.at is not null)
        order by u.id limit ${limit}`.execute(db)
      return rows.map(toUser)
    },

    async user(user, at) {
      const { rows } = await sql<UserRow>`${readUsers(at)} where u.id = ${user}`.execute(db)
      return rows[0] && toUser(rows[0])
    },

    async rooms({ text, after = null, limit }) {
      if (text.includes('\0')) return []
      const { rows } = await sql<RoomRow>`
        select id, name, member_count, messages, created_at, archived_at from rooms
        where kind = 'public' and deleted_at is null
          and (id like ${beginning(text)} or lower(name) like ${beginning(text)})
          and (${after}::text is null or id > ${after})
        order by id limit ${limit}`.execute(db)
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        members: row.member_count,
        messages: row.messages,
        createdAt: row.created_at,
        ...(row.archived_at !== null && { archived: true as const }),
      }))
    },

    async counts(at) {
      const { rows } = await sql<Record<'users' | 'suspended' | 'messages' | 'reports' | keyof RoomCounts, number>>`
        select (select count(*) from users) as users,
          (select count(*) from suspensions where until is null or until > ${at}) as suspended,
          (select count(*) from reports where state = 'open') as reports,
          count(*) filter (where kind = 'public') as public, count(*) filter (where kind = 'private') as private,
          count(*) filter (where kind = 'direct') as direct, coalesce(sum(messages), 0)::bigint as messages
        from rooms where deleted_at is null`.execute(db)
      const [row] = rows
      return {
        users: { all: row?.users ?? 0, suspended: row?.suspended ?? 0 },
        rooms: { public: row?.public ?? 0, private: row?.private ?? 0, direct: row?.direct ?? 0 },
        messages: row?.messages ?? 0,
        openReports: row?.reports ?? 0,
      }
    },
  }
}

function toUser(row: UserRow): AdminUser {
  const { at, until, reason, by_id } = row
  return {
    id: row.id,
    displayName: row.display_name,
    createdAt: row.created_at,
    ...(row.last_seen_at !== null && { lastSeenAt: row.last_seen_at }),
    ...(row.role !== null && { role: row.role }),
    ...(at !== null && reason !== null && { suspension: toSuspension({ at, until, reason, by_id }) }),
    sessions: row.sessions,
    ...(row.second_factor && { secondFactor: true as const }),
  }
}
