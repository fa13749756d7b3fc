import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import { violatedConstraint } from '../database-error.ts'
import type { Database } from '../tables.ts'
import { overview } from './overview.ts'
import { toRoom } from './room-row.ts'
import type { Rooms } from './rooms.ts'

const directKey = (one: UserId, other: UserId): string => [one, other].sort().join(':')

/** A pattern of LIKE that finds the text as it stands. */
const containing = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`

export function createRooms(db: Kysely<Database>): Rooms {
  return {
    async create(transaction, room) {
      try {
        await transaction
          .insertInto('rooms')
          .values({
            id: room.id,
            name: room.name,
            topic_line: room.topicLine,
            kind: room.kind,
            settings: JSON.stringify(room.settings),
            created_at: room.createdAt,
            direct_key: room.direct === undefined ? null : directKey(...room.direct),
          })
          .execute()
      } catch (error) {
        const constraint = violatedConstraint(error)
        if (constraint !== 'rooms_pkey' && constraint !== 'rooms_direct_key') throw error
        throw new ChatError('room_exists', { cause: error })
      }
    },

    async get(room, transaction) {
      const row = await (transaction ?? db)
        .selectFrom('rooms')
        .selectAll()
        .where('id', '=', room)
        .where('deleted_at', 'is', null)
        .executeTakeFirst()
      return row && toRoom(row)
    },

    async patch(transaction, room, { name, topicLine, settings, archived }, at) {
      const changes = {
        ...(name !== undefined && { name }),
        ...(topicLine !== undefined && { topic_line: topicLine }),
        ...(settings !== undefined && { settings: JSON.stringify(settings) }),
        ...(archived !== undefined && { archived_at: archived ? at : null }),
      }
      const { numUpdatedRows } = await transaction
        .updateTable('rooms')
        .set({ ...changes, id: room })
        .where('id', '=', room)
        .where('deleted_at', 'is', null)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) throw new ChatError('room_not_found')
    },

    async remove(transaction, room, at) {
      const { numUpdatedRows } = await transaction
        .updateTable('rooms')
        .set({ deleted_at: at, direct_key: null, member_count: 0 })
        .where('id', '=', room)
        .where('deleted_at', 'is', null)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows === 0n) throw new ChatError('room_not_found')
      await transaction.deleteFrom('members').where('room_id', '=', room).execute()
      await transaction.deleteFrom('room_bans').where('room_id', '=', room).execute()
      await transaction.deleteFrom('cursors').where('room_id', '=', room).execute()
    },

    async listPublic({ user, text = '', limit, now }) {
      const pattern = containing(text)
      const names = (is: ExpressionBuilder<Database, 'rooms'>) =>
        is.or([is('name', 'ilike', pattern), is('topic_line', 'ilike', pattern), is('id', 'ilike', pattern as RoomId)])
      const rows = await db
        .selectFrom('rooms')
        .leftJoin('members', (join) => join.onRef('room_id', '=', 'id').on('user_id', '=', user))
        .selectAll('rooms')
        .select('members.role')
        .where('kind', '=', 'public')
        .where('deleted_at', 'is', null)
        .where((is) => (text === '' ? sql<boolean>`true` : names(is as ExpressionBuilder<Database, 'rooms'>)))
        .where(
          sql<boolean>`not exists (
            select from room_bans ban where ban.room_id = rooms.id and ban.user_id = ${user} and ban.until > ${now}
          )`,
        )
        .orderBy('member_count', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(({ role, ...row }) => ({ ...toRoom(row), ...(role !== null && { role }) }))
    },

    async findDirect(one, other) {
      const row = await db
        .selectFrom('rooms')
        .select('id')
        .where('direct_key', '=', directKey(one, other))
        .executeTakeFirst()
      return row?.id
    },

    overview: (user) => overview(db, user),
  }
}
