import { type Kysely, sql, type Transaction } from 'kysely'
import type { EventDraft } from '../../protocol/events.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'
import { declaredTables } from './declared-tables.ts'
import { createExportRows, strideFrom } from './export-rows.ts'
import type { Deletion, Obstacles, PersonalData } from './personal-data.ts'
import { renameDirect, rewriteEvent } from './rewrite-event.ts'

/** What somebody proves himself with: gone before anything else. */
const PROOFS = Object.entries(declaredTables).flatMap(([table, { proves }]) => (proves === true ? [table] : []))
/** Events that one transaction changes while it holds their rooms. */
const BATCH = 500

/** `tagName`: a keyed hash, by which the name of a deleted account is recognised. */
export function createPersonalData(db: Kysely<Database>, tagName: (user: UserId) => string): PersonalData {
  return {
    ...createExportRows(db),

    async issueTicket({ hash, user, expiresAt }) {
      await db
        .with('used', (query) => query.deleteFrom('export_tickets').where('user_id', '=', user))
        .insertInto('export_tickets')
        .values({ hash, user_id: user, expires_at: expiresAt })
        .execute()
    },

    async redeemTicket(hash, at) {
      const ticket = await db.deleteFrom('export_tickets').where('hash', '=', hash).returningAll().executeTakeFirst()
      return ticket !== undefined && ticket.expires_at > at ? ticket.user_id : undefined
    },

    obstacles: (user) => obstacles(db, user),

    async begin({ user, standIn, messages, at }) {
      return db.transaction().execute(async (transaction) => {
        await sql`lock table deletions in share row exclusive mode`.execute(transaction)
        const found = await obstacles(transaction, user)
        if (found.rooms.length > 0 || found.server) return found
        await transaction
          .insertInto('deletions')
          .values({ user_id: user, stand_in: standIn, messages, began_at: at })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
        for (const table of PROOFS)
          await sql`delete from ${sql.table(table)} where user_id = ${user}`.execute(transaction)
        return undefined
      })
    },

    async deletions() {
      const rows = await db.selectFrom('deletions').selectAll().orderBy('began_at').execute()
      return rows.map((row) => ({
        user: row.user_id,
        standIn: row.stand_in,
        messages: row.messages,
        forgotten: row.forgotten,
      }))
    },

    async roomsOf(user) {
      const rows = await db.selectFrom('members').select('room_id').where('user_id', '=', user).execute()
      return rows.map(({ room_id }) => room_id)
    },

    async heir(room, user, transaction) {
      const { rows } = await sql<{ user_id: UserId }>`
        select o.user_id from members m join members o on o.room_id = m.room_id and o.user_id <> m.user_id
        join rooms r on r.id = m.room_id and r.kind <> 'direct'
        where m.room_id = ${room} and m.user_id = ${user} and m.role = 'owner'
          and not exists (select from members where room_id = ${room} and user_id <> ${user} and role = 'owner')
        order by array_position(array['admin', 'member', 'reader'], o.role), o.joined_at, o.user_id
        limit 1`.execute(transaction)
      return rows[0]?.user_id
    },

    async forget({ user, standIn, messages }) {
      await db.transaction().execute(async (transaction) => {
        for (const [table, { columns }] of Object.entries(declaredTables)) {
          if (table === 'events') continue
          for (const [column, erasure] of Object.entries(columns)) {
            const [of, is] = [sql.table(table), sql.ref(column)]
            if (erasure === 'row goes') await sql`delete from ${of} where ${is} = ${user}`.execute(transaction)
            else if (erasure === 'is renamed' || erasure === 'is emptied') {
              const value = erasure === 'is renamed' ? standIn : null
              await sql`update ${of} set ${is} = ${value} where ${is} = ${user}`.execute(transaction)
            }
          }
        }
        await renameDirectRooms(transaction, user, standIn)
        await rewriteReports(transaction, { user, standIn, messages, forgotten: true })
        await transaction
          .insertInto('taken_names')
          .values({ hash: tagName(user) })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
        await transaction.updateTable('deletions').set({ forgotten: true }).where('user_id', '=', user).execute()
      })
    },

    rewriteLog: (deletion) => rewriteLog(db, deletion),
  }
}

async function obstacles(db: Kysely<Database>, user: UserId): Promise<Obstacles> {
  const leaving = sql`select user_id from deletions where user_id <> ${user}`
  const { rows: rooms } = await sql<{ id: RoomId; name: string }>`
    select r.id, r.name from members m join rooms r on r.id = m.room_id
    where m.user_id = ${user} and m.role = 'owner' and r.deleted_at is null
      and exists (select from members o where o.room_id = r.id and o.user_id <> ${user} and o.user_id not in (${leaving}))
      and not exists (
        select from members o
        where o.room_id = r.id and o.user_id <> ${user} and o.role = 'owner' and o.user_id not in (${leaving})
      )
    order by r.name, r.id limit 100`.execute(db)
  const { rows: server } = await sql<{ last: boolean }>`
    select exists (select from server_roles where user_id = ${user} and role = 'owner')
      and not exists (
        select from server_roles where user_id <> ${user} and role = 'owner' and user_id not in (${leaving})
      )
      and exists (select from users where id <> ${user} and id not in (${leaving})) as last`.execute(db)
  return { rooms, server: server[0]?.last === true }
}

/** What two have said to each other stays with the other one; a new direct room is free to be made. */
async function renameDirectRooms(transaction: Transaction<Database>, user: UserId, standIn: UserId): Promise<void> {
  const rooms = await transaction
    .selectFrom('rooms')
    .select(['id', 'name'])
    .where('kind', '=', 'direct')
    .where(
      sql<boolean>`(${user} = any(string_to_array(direct_key, ':')) or ${user} = any(string_to_array(name, ', ')))`,
    )
    .orderBy('id')
    .forUpdate()
    .execute()
  for (const { id, name } of rooms) {
    const changes = { direct_key: null, name: renameDirect(name, user, standIn) }
    await transaction.updateTable('rooms').set(changes).where('id', '=', id).execute()
  }
}

/** Messages that moderators look at, kept as they were when they were reported. */
async function rewriteReports(transaction: Transaction<Database>, deletion: Deletion): Promise<void> {
  const { rows } = await sql<{ id: number; message: Record<string, unknown> }>`
    select id, message from reports where strpos(message::text, ${deletion.user}) > 0 for update`.execute(transaction)
  for (const { id, message } of rows) {
    const rewritten = JSON.stringify(rewriteEvent(message, deletion))
    await sql`update reports set message = ${rewritten}::json where id = ${id}`.execute(transaction)
  }
}

async function rewriteLog(db: Kysely<Database>, deletion: Deletion): Promise<{ rooms: RoomId[]; done: boolean }> {
  const { user } = deletion
  const job = await db.selectFrom('deletions').selectAll().where('user_id', '=', user).executeTakeFirst()
  if (job === undefined) return { rooms: [], done: true }
  const from = { room: job.room_id, seq: job.seq }
  const end = await strideFrom(db, from)
  const { rows: found } = await sql<{ room: RoomId; seq: number }>`
    select room_id as room, seq from events
    where (room_id, seq) > (${from.room}, ${from.seq}::int)
      and (${end?.room ?? null}::text is null or (room_id, seq) <= (${end?.room ?? ''}, ${end?.seq ?? 0}::int))
      and (author = ${user} or strpos(body::text, ${user}) > 0)
    order by room_id, seq limit ${BATCH}`.execute(db)
  const full = found.length === BATCH
  const to = full ? found.at(-1) : end

  const rooms = await db.transaction().execute(async (transaction) => {
    const changed = await rewriteEvents(transaction, found, deletion)
    const place = to ?? { room: job.room_id, seq: job.seq }
    await transaction
      .updateTable('deletions')
      .set({ room_id: place.room, seq: place.seq })
      .where('user_id', '=', user)
      .execute()
    if (to === undefined) {
      // Last of all, as ending a session leaves a note with its user's id.
      await sql`delete from access_changes where user_id = ${user}`.execute(transaction)
      await transaction.deleteFrom('deletions').where('user_id', '=', user).execute()
    }
    return changed
  })
  return { rooms, done: to === undefined }
}

/** The archive writes to a room while it holds the room's row: so nothing changes between reading and writing here. */
async function rewriteEvents(
  transaction: Transaction<Database>,
  places: readonly { room: RoomId; seq: number }[],
  deletion: Deletion,
): Promise<RoomId[]> {
  if (places.length === 0) return []
  const { user, standIn, messages } = deletion
  const [rooms, seqs] = [places.map(({ room }) => room), places.map(({ seq }) => seq)]
  await sql`select 1 from rooms where id = any(${rooms}) order by id for update`.execute(transaction)
  const { rows } = await sql<{ room: RoomId; seq: number; author: UserId; body: EventDraft; json: string }>`
    select e.room_id as room, e.seq, e.author, e.body, e.body::text as json
    from unnest(${rooms}::text[], ${seqs}::int[]) p (room, seq)
    join events e on e.room_id = p.room and e.seq = p.seq`.execute(transaction)
  const changed = rows.flatMap((row) => {
    const json = JSON.stringify(rewriteEvent(row.body as Record<string, unknown>, deletion))
    return json === row.json && row.author !== user ? [] : [{ ...row, json, blank: row.author === user }]
  })
  if (changed.length === 0) return []
  await sql`
    update events e set author = p.author, body = p.body::json
    from unnest(
      ${changed.map(({ room }) => room)}::text[], ${changed.map(({ seq }) => seq)}::int[],
      ${changed.map(({ author }) => (author === user ? standIn : author))}::text[],
      ${changed.map(({ json }) => json)}::text[]
    ) p (room, seq, author, body)
    where e.room_id = p.room and e.seq = p.seq`.execute(transaction)
  const blanked = messages === 'remove' ? changed.filter(({ blank }) => blank) : []
  if (blanked.length > 0) {
    const [of, at] = [blanked.map(({ room }) => room), blanked.map(({ seq }) => seq)]
    for (const table of ['mentions', 'expirations']) {
      await sql`delete from ${sql.table(table)} t using unnest(${of}::text[], ${at}::int[]) p (room, seq)
        where t.room_id = p.room and t.seq = p.seq`.execute(transaction)
    }
  }
  const touched = [...new Set(changed.map(({ room }) => room))]
  await sql`update rooms set epoch = epoch + 1 where id = any(${touched})`.execute(transaction)
  return touched
}
