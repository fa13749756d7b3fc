import { type Kysely, sql } from 'kysely'
import { DUP_WINDOW_MS } from '../protocol/limits.ts'
import type { StoreLog } from './store.ts'
import type { Database } from './tables.ts'

const EVERY_MS = 3_600_000
/** A device that stays away longer starts at the head again ([CUR2]). */
const CURSOR_KEPT_MS = 90 * 24 * 3_600_000
/** What was said, after the report about it was closed ([ADM5]). */
const REPORT_KEPT_MS = 90 * 24 * 3_600_000

/** Deletes what has served: fingerprints too old to match, cursors of devices long unseen, bans that are over, writers that are gone. Answers how to stop. */
export function sweepHourly(db: Kysely<Database>, log: StoreLog): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    running = sweep(db).catch((error: unknown) => log('warn', 'old rows could not be deleted', { error }))
  }, EVERY_MS).unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}

/** Times are compared with the database's clock, which is everybody's. */
async function sweep(db: Kysely<Database>): Promise<void> {
  const now = sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`
  await sql`delete from transmissions where at < ${now} - ${2 * DUP_WINDOW_MS}::bigint`.execute(db)
  await sql`delete from export_tickets where expires_at < ${now}`.execute(db)
  await sql`delete from cursors where updated_at < ${now} - ${CURSOR_KEPT_MS}::bigint`.execute(db)
  await sql`delete from action_links where expires_at < ${now}`.execute(db)
  await sql`delete from access_changes where at < ${now} - 3600000`.execute(db)
  await sql`
    update reports set message = null, text = null
    where closed_at < ${now} - ${REPORT_KEPT_MS}::bigint and (message is not null or text is not null)`.execute(db)
  await sql`delete from room_bans where until < ${now}`.execute(db)
  await sql`
    delete from archive_writers w
    where w.at < ${now} - 86400000 and not exists (
      select from pg_stat_activity s where s.application_name = 'tidings-archive-' || w.id
    )`.execute(db)
}
