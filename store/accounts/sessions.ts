import { type Kysely, sql } from 'kysely'
import type { UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'

/** Times in milliseconds since 1970. */
export type SessionEntry = {
  id: string
  user: UserId
  /** How the owner tells his sessions apart. */
  device: string
  refreshHash: string
  createdAt: number
  lastUsedAt: number
  /** When the refresh token that is good now stops being good. */
  expiresAt: number
  endedAt: number | null
}

export type NewSession = Omit<SessionEntry, 'lastUsedAt' | 'endedAt'> & {
  /** Keyed hashes of where the sign-in came from. */
  places: readonly string[]
}

/** Sign-ins. Those that ended stay for a while, because they say from where their user has signed in. */
export interface Sessions {
  create(session: NewSession): Promise<void>
  /** Ended ones too. */
  find(id: string): Promise<SessionEntry | undefined>
  /** The sessions of a user that stand at a time, the last used first. */
  list(user: UserId, at: number): Promise<SessionEntry[]>
  /** Swaps the refresh token; false when `from` is not the good one any more or the session has ended. Atomic. */
  rotate(id: string, swap: { from: string; to: string; at: number; expiresAt: number }): Promise<boolean>
  /** Ends sessions of a user: one, all, or all but one. Resolves to the ids of those that this call ended. */
  end(user: UserId, which: { id: string } | { all: true } | { allBut: string }, at: number): Promise<string[]>
  /** Whether the user has signed in from one of these places before. */
  knows(user: UserId, places: readonly string[]): Promise<boolean>
}

const KEPT_MS = 90 * 24 * 3_600_000

export function createSessions(db: Kysely<Database>): Sessions {
  const read = db
    .selectFrom('sessions')
    .select([
      'id',
      'user_id as user',
      'device',
      'refresh_hash as refreshHash',
      'created_at as createdAt',
      'last_used_at as lastUsedAt',
      'expires_at as expiresAt',
      'ended_at as endedAt',
    ])

  return {
    async create({ id, user, device, refreshHash, createdAt, expiresAt, places }) {
      await db
        .with('forgotten', (query) =>
          query
            .deleteFrom('sessions')
            .where('user_id', '=', user)
            .where(sql<boolean>`least(ended_at, expires_at) < ${createdAt - KEPT_MS}`),
        )
        .insertInto('sessions')
        .values({
          id,
          user_id: user,
          device,
          refresh_hash: refreshHash,
          created_at: createdAt,
          last_used_at: createdAt,
          expires_at: expiresAt,
          ended_at: null,
          places: [...places],
        })
        .execute()
    },

    find: (id) => read.where('id', '=', id).executeTakeFirst(),

    list: (user, at) =>
      read
        .where('user_id', '=', user)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', at)
        .orderBy('last_used_at', 'desc')
        .execute(),

    async rotate(id, { from, to, at, expiresAt }) {
      const { numUpdatedRows } = await db
        .updateTable('sessions')
        .set({ refresh_hash: to, last_used_at: at, expires_at: expiresAt })
        .where('id', '=', id)
        .where('refresh_hash', '=', from)
        .where('ended_at', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async end(user, which, at) {
      const ended = await db
        .updateTable('sessions')
        .set({ ended_at: at })
        .where('user_id', '=', user)
        .where('ended_at', 'is', null)
        .$if('id' in which, (query) => query.where('id', '=', 'id' in which ? which.id : ''))
        .$if('allBut' in which, (query) => query.where('id', '!=', 'allBut' in which ? which.allBut : ''))
        .returning('id')
        .execute()
      return ended.map(({ id }) => id)
    },

    async knows(user, places) {
      const found = await db
        .selectFrom('sessions')
        .select('id')
        .where('user_id', '=', user)
        .where(sql<boolean>`places && ${[...places]}::text[]`)
        .limit(1)
        .executeTakeFirst()
      return found !== undefined
    },
  }
}
