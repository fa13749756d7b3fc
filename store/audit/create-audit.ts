import { type Kysely, sql } from 'kysely'
import type { AuditRecord } from '../../protocol/audit.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'
import type { Audit } from './audit.ts'

type Row = {
  id: number
  at: number
  action: AuditRecord['action']
  has_actor: boolean
  actor: UserId | null
  has_subject: boolean
  subject: UserId | null
  room_id: RoomId | null
  details: NonNullable<AuditRecord['details']> | null
}

export function createAudit(db: Kysely<Database>): Audit {
  /** People by number; those who are new to the log get one. */
  async function numbersOf(users: readonly UserId[]): Promise<Map<UserId, number>> {
    if (users.length === 0) return new Map()
    await sql`
      insert into audit_people (user_id) select distinct unnest(${users}::text[]) order by 1
      on conflict do nothing`.execute(db)
    const rows = await db
      .selectFrom('audit_people')
      .select(['user_id', 'number'])
      .where('user_id', '=', sql<UserId>`any(${users})`)
      .execute()
    return new Map(rows.map((row) => [row.user_id, row.number]))
  }

  return {
    async append({ at, action, actor, subject, room, details }) {
      const numbers = await numbersOf([actor, subject].filter((user) => user !== undefined))
      await db
        .insertInto('audit_log')
        .values({
          at,
          action,
          actor: (actor && numbers.get(actor)) ?? null,
          subject: (subject && numbers.get(subject)) ?? null,
          room_id: room ?? null,
          details: details === undefined ? null : JSON.stringify(details),
        })
        .execute()
    },

    async list({ before, limit, action, about }) {
      const { rows } = await sql<Row>`
        select l.id, l.at, l.action, l.actor is not null as has_actor, a.user_id as actor,
          l.subject is not null as has_subject, s.user_id as subject, l.room_id, l.details
        from audit_log l
        left join audit_people a on a.number = l.actor
        left join audit_people s on s.number = l.subject
        where (${before ?? null}::bigint is null or l.id < ${before ?? null})
          and (${action ?? null}::text is null or l.action = ${action ?? null})
          and (${about ?? null}::text is null or ${about ?? null} in (a.user_id, s.user_id))
        order by l.id desc limit ${limit}`.execute(db)
      return rows.map(toRecord)
    },
  }
}

const toRecord = (row: Row): AuditRecord => ({
  id: row.id,
  at: row.at,
  action: row.action,
  ...(row.has_actor && { actor: row.actor ?? 'gone' }),
  ...(row.has_subject && { subject: row.subject ?? 'gone' }),
  ...(row.room_id !== null && { room: row.room_id }),
  ...(row.details !== null && { details: row.details }),
})
