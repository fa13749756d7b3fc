import { type Kysely, sql } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { RoomKind } from '../../protocol/events.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import { MAX_BLOCKS } from '../../protocol/limits.ts'
import { OPEN_PRIVACY, type Privacy } from '../../protocol/privacy.ts'
import { violatedConstraint } from '../database-error.ts'
import type { Database, PrivacyRow } from '../tables.ts'
import type { BlockEntry, ContactEntry, People } from './people.ts'

type PersonColumns = { id: UserId; display_name: string; avatar_id: string | null }

export function createPeople(db: Kysely<Database>): People {
  const rowOf = (user: UserId, within: Kysely<Database> = db) =>
    within.selectFrom('privacy').selectAll().where('user_id', '=', user)

  return {
    async rules(users) {
      if (users.length === 0) return new Map()
      const { rows } = await sql<Partial<PrivacyRow> & { id: UserId; blocks: UserId[] }>`
        select u.id, p.*, array(select b.blocked_id from blocks b where b.user_id = u.id) as blocks
        from unnest(${[...users]}::text[]) u (id)
        left join privacy p on p.user_id = u.id
        where p.user_id is not null or exists (select from blocks b where b.user_id = u.id)`.execute(db)
      return new Map(rows.map((row) => [row.id, { privacy: toPrivacy(row), blocks: new Set(row.blocks) }]))
    },

    async privacy(user) {
      return toPrivacy(await rowOf(user).executeTakeFirst())
    },

    async changePrivacy(user, changes) {
      try {
        return await db.transaction().execute(async (transaction) => {
          // The first change of all makes the row, so that two at once wait for each other.
          await transaction
            .insertInto('privacy')
            .values(toRow(user, OPEN_PRIVACY))
            .onConflict((conflict) => conflict.column('user_id').doNothing())
            .execute()
          const before = toPrivacy(await rowOf(user, transaction).forUpdate().executeTakeFirstOrThrow())
          const after = { ...before, ...changes }
          const { user_id: _, ...values } = toRow(user, after)
          await transaction.updateTable('privacy').set(values).where('user_id', '=', user).execute()
          return { before, after }
        })
      } catch (error) {
        if (violatedConstraint(error) !== 'privacy_user') throw error
        throw new ChatError('user_not_found', { cause: error })
      }
    },

    async blocks(user) {
      const rows = await db
        .selectFrom('blocks')
        .innerJoin('users', 'users.id', 'blocks.blocked_id')
        .select(['users.id', 'display_name', 'avatar_id', 'blocks.at'])
        .where('blocks.user_id', '=', user)
        .orderBy('blocks.at', 'desc')
        .orderBy('users.id')
        .execute()
      return rows.map((row): BlockEntry => {
        const { id, ...shown } = toContact(row)
        return { user: id, ...shown, at: row.at }
      })
    },

    async block(user, other, at) {
      try {
        const { numAffectedRows } = await sql`
          insert into blocks (user_id, blocked_id, at)
          select ${user}, ${other}, ${at}::bigint
          where (select count(*) from blocks where user_id = ${user}) < ${MAX_BLOCKS}
            or exists (select from blocks where user_id = ${user} and blocked_id = ${other})
          on conflict do nothing`.execute(db)
        if (numAffectedRows === 1n) return true
      } catch (error) {
        if (violatedConstraint(error) !== 'blocks_blocked') throw error
        throw new ChatError('user_not_found', { cause: error })
      }
      const known = await db
        .selectFrom('blocks')
        .select('at')
        .where('user_id', '=', user)
        .where('blocked_id', '=', other)
        .executeTakeFirst()
      if (known === undefined) throw new ChatError('conflict', { publicMessage: `At most ${MAX_BLOCKS} people.` })
      return false
    },

    async unblock(user, other) {
      const { numDeletedRows } = await db
        .deleteFrom('blocks')
        .where('user_id', '=', user)
        .where('blocked_id', '=', other)
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    },

    async contacts(user, limit) {
      const { rows } = await sql<PersonColumns>`
        select u.id, u.display_name, u.avatar_id from users u
        where u.id <> ${user} and u.id in (
          select other.user_id from members mine
          join rooms r on r.id = mine.room_id and r.kind <> 'public' and r.deleted_at is null
          join members other on other.room_id = r.id
          where mine.user_id = ${user}
        )
        order by lower(u.display_name), u.id limit ${limit}`.execute(db)
      return rows.map(toContact)
    },

    async contactsAmong(user, others) {
      if (others.length === 0) return new Set()
      const { rows } = await sql<{ id: UserId }>`
        select asked.id from unnest(${[...others]}::text[]) asked (id)
        where exists (
          select from members other
          join rooms r on r.id = other.room_id and r.kind <> 'public' and r.deleted_at is null
          join members mine on mine.room_id = r.id and mine.user_id = ${user}
          where other.user_id = asked.id
        )`.execute(db)
      return new Set(rows.map(({ id }) => id))
    },

    async sharedRooms(one, other, limit) {
      const { rows } = await sql<{ id: RoomId; name: string; kind: RoomKind }>`
        select r.id, r.name, r.kind from rooms r
        join members a on a.room_id = r.id and a.user_id = ${one}
        join members b on b.room_id = r.id and b.user_id = ${other}
        where r.deleted_at is null and r.kind <> 'direct'
        order by lower(r.name), r.id limit ${limit}`.execute(db)
      return rows
    },
  }
}

function toPrivacy(row: Partial<PrivacyRow> | undefined): Privacy {
  return {
    direct: row?.direct ?? OPEN_PRIVACY.direct,
    presence: row?.presence ?? OPEN_PRIVACY.presence,
    lastSeen: row?.last_seen ?? OPEN_PRIVACY.lastSeen,
    readMarks: row?.read_marks ?? OPEN_PRIVACY.readMarks,
    typing: row?.typing ?? OPEN_PRIVACY.typing,
  }
}

const toRow = (user: UserId, { direct, presence, lastSeen, readMarks, typing }: Privacy): PrivacyRow => ({
  user_id: user,
  direct,
  presence,
  last_seen: lastSeen,
  read_marks: readMarks,
  typing,
})

const toContact = ({ id, display_name, avatar_id }: PersonColumns): ContactEntry => ({
  id,
  displayName: display_name,
  ...(avatar_id !== null && { avatar: avatar_id }),
})
