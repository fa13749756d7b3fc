import { type Kysely, sql } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { UserId } from '../../protocol/ids.ts'
import { completeSettings, type StoredSettings } from '../../protocol/room-settings.ts'
import { violatedConstraint } from '../database-error.ts'
import type { Database, Transaction } from '../tables.ts'
import type { MemberEntry, Members, Standing } from './members.ts'

export function createMembers(db: Kysely<Database>): Members {
  const entries = (within: Kysely<Database> = db) =>
    within
      .selectFrom('members')
      .innerJoin('users', 'users.id', 'members.user_id')
      .select([
        'members.user_id as user',
        'users.display_name as displayName',
        'users.avatar_id as avatar',
        'members.role',
        'members.joined_at as joinedAt',
        'members.joined_seq as joinedSeq',
        'members.muted_until',
      ])

  /** Rooms, and what one user is to them. */
  const standings = (user: UserId, within: Kysely<Database> = db) =>
    within
      .selectFrom('rooms')
      .leftJoin('members', (join) => join.onRef('members.room_id', '=', 'id').on('members.user_id', '=', user))
      .leftJoin('room_bans as ban', (join) => join.onRef('ban.room_id', '=', 'id').on('ban.user_id', '=', user))
      .select([
        'id',
        'kind',
        'settings',
        'archived_at',
        'role',
        'joined_seq',
        'muted_until',
        'ban.until as bannedUntil',
      ])
      .select(
        sql<boolean>`kind = 'direct' and exists (
          select from members other join blocks b on b.user_id = other.user_id
          where other.room_id = rooms.id and other.user_id <> ${user} and b.blocked_id = ${user}
        )`.as('blocked'),
      )
      .where('deleted_at', 'is', null)

  return {
    async get(room, user, transaction) {
      const row = await entries(transaction).where('room_id', '=', room).where('user_id', '=', user).executeTakeFirst()
      return row && toEntry(row)
    },

    async list(room, { after, limit } = {}, transaction) {
      let query = entries(transaction).where('room_id', '=', room).orderBy('user_id')
      if (after !== undefined) query = query.where('user_id', '>', after)
      if (limit !== undefined) query = query.limit(limit)
      return (await query.execute()).map(toEntry)
    },

    async put(transaction, { room, user, role, at }) {
      const before = await transaction
        .selectFrom('members')
        .select('role')
        .where('room_id', '=', room)
        .where('user_id', '=', user)
        .executeTakeFirst()
      if (before?.role === role) return 'unchanged'
      if (before !== undefined) {
        await transaction
          .updateTable('members')
          .set({ role })
          .where('room_id', '=', room)
          .where('user_id', '=', user)
          .execute()
        return 'changed'
      }
      const counted = await changeCount(transaction, room, 1)
      if (counted === undefined) throw new ChatError('room_not_found')
      try {
        await transaction
          .insertInto('members')
          .values({ room_id: room, user_id: user, role, joined_at: at, joined_seq: counted.head + 1 })
          .execute()
      } catch (error) {
        if (violatedConstraint(error) !== 'members_user') throw error
        throw new ChatError('user_not_found', { cause: error })
      }
      return 'added'
    },

    async mute(transaction, room, user, until) {
      const { numUpdatedRows } = await transaction
        .updateTable('members')
        .set({ muted_until: until })
        .where('room_id', '=', room)
        .where('user_id', '=', user)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },

    async remove(transaction, room, user) {
      const { numDeletedRows } = await transaction
        .deleteFrom('members')
        .where('room_id', '=', room)
        .where('user_id', '=', user)
        .executeTakeFirstOrThrow()
      if (numDeletedRows === 0n) return false
      await changeCount(transaction, room, -1)
      return true
    },

    async count(room, role, transaction) {
      let query = (transaction ?? db)
        .selectFrom('members')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('room_id', '=', room)
      if (role !== undefined) query = query.where('role', '=', role)
      return (await query.executeTakeFirstOrThrow()).count
    },

    async standing(user, room, transaction) {
      const row = await standings(user, transaction).where('id', '=', room).executeTakeFirst()
      return row && toStanding(row)
    },

    async roomsOf(user) {
      const rows = await standings(user).where('members.user_id', '=', user).execute()
      return new Map(rows.map((row) => [row.id, toStanding(row)]))
    },

    async companions(user, limit) {
      const { rows } = await sql<{ id: UserId; displayName: string; avatar: string | null }>`
        select u.id, u.display_name as "displayName", u.avatar_id as avatar from users u
        where u.id in (
          select other.user_id from members mine join members other on other.room_id = mine.room_id
          where mine.user_id = ${user} and other.user_id <> ${user}
        )
        order by u.id limit ${limit ?? null}::int`.execute(db)
      return rows.map(({ avatar, ...user }) => ({ ...user, ...(avatar !== null && { avatar }) }))
    },
  }
}

type EntryRow = Omit<MemberEntry, 'avatar'> & { muted_until: number | null; avatar: string | null }

const toEntry = ({ muted_until, avatar, ...entry }: EntryRow): MemberEntry => ({
  ...entry,
  ...(avatar !== null && { avatar }),
  ...(muted_until !== null && { mutedUntil: muted_until }),
})

function changeCount(transaction: Transaction, room: string, by: 1 | -1): Promise<{ head: number } | undefined> {
  return transaction
    .updateTable('rooms')
    .set(({ eb }) => ({ member_count: eb('member_count', '+', by) }))
    .where(sql<boolean>`id = ${room} and deleted_at is null`)
    .returning('head')
    .executeTakeFirst()
}

function toStanding(row: {
  kind: Standing['kind']
  settings: StoredSettings
  archived_at: number | null
  role: Standing['role'] | null
  joined_seq: number | null
  muted_until: number | null
  bannedUntil: number | null
  blocked: boolean
}): Standing {
  return {
    kind: row.kind,
    settings: completeSettings(row.kind, row.settings),
    ...(row.archived_at !== null && { archived: true }),
    ...(row.role && { role: row.role }),
    ...(row.joined_seq !== null && { joinedSeq: row.joined_seq }),
    ...(row.muted_until !== null && { mutedUntil: row.muted_until }),
    ...(row.bannedUntil !== null && { bannedUntil: row.bannedUntil }),
    ...(row.blocked && { blocked: true }),
  }
}
