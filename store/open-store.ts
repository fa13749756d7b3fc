import { setTimeout as delay } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { createAccounts } from './accounts/index.ts'
import { createAdministration } from './administration/index.ts'
import { createArchive } from './archive/create-archive.ts'
import { createAudit } from './audit/create-audit.ts'
import { createBans } from './bans/create-bans.ts'
import { openDatabase, type Target } from './connection.ts'
import { createCursors } from './cursors/create-cursors.ts'
import { isUnavailable } from './database-error.ts'
import { startEmbeddedPostgres } from './embedded/embedded-postgres.ts'
import { joinEmbeddedPostgres } from './embedded/join-embedded-postgres.ts'
import { createInvites } from './invites/index.ts'
import { createMarks } from './marks/create-marks.ts'
import { createMembers } from './members/create-members.ts'
import { migrate } from './migrations/migrate.ts'
import { createPeople } from './people/create-people.ts'
import { createPersonalData } from './personal-data/create-personal-data.ts'
import { createNameTags } from './personal-data/name-tags.ts'
import { createRooms } from './rooms/create-rooms.ts'
import type { Store, StoreLog, StoreOptions } from './store.ts'
import { sweepHourly } from './sweep.ts'
import type { Database } from './tables.ts'

const POOL_SIZE = 8
const CHECK_LIMIT_MS = 2_000
const START_LIMIT_MS = 30_000
const START_RETRY_MS = 1_000

/** Opens the database, brings it up to date, and hands out its parts. Rejects when it cannot be reached or made. */
export async function openStore({
  database,
  beside = false,
  log = () => undefined,
  poolSize = POOL_SIZE,
  secretKey,
}: StoreOptions): Promise<Store> {
  const start = beside ? joinEmbeddedPostgres : startEmbeddedPostgres
  const server = database.driver === 'embedded' ? await start({ ...database, log }) : undefined
  const target: Target =
    database.driver === 'embedded' ? (server as { connection: Target }).connection : { connectionString: database.url }
  try {
    // A process that runs has done it, and may be of an older release.
    const isDone = server !== undefined && 'joined' in server && server.joined
    if (!isDone) await bringUpToDate(target, log)
  } catch (error) {
    await server?.stop()
    throw error
  }

  const db = openDatabase({ target, name: 'tidings', poolSize, log })
  const archive = createArchive({ db, target, log })
  const tagName = createNameTags(secretKey)
  const stopSweeping = beside ? async () => undefined : sweepHourly(db, log)
  let closing: Promise<void> | undefined
  return {
    archive,
    rooms: createRooms(db),
    members: createMembers(db),
    bans: createBans(db),
    marks: createMarks(db),
    cursors: createCursors(db),
    people: createPeople(db),
    accounts: createAccounts(db, tagName),
    audit: createAudit(db),
    administration: createAdministration(db),
    invites: createInvites(db),
    personalData: createPersonalData(db, tagName),
    check: () => answers(db),
    close() {
      closing ??= (async () => {
        await stopSweeping()
        await archive.close()
        await db.destroy()
        await server?.stop()
      })()
      return closing
    },
  }
}

/** Waits for a server that starts together with us. */
async function bringUpToDate(target: Target, log: StoreLog): Promise<void> {
  for (const began = Date.now(); ; await delay(START_RETRY_MS)) {
    try {
      return await migrateOnce(target, log)
    } catch (error) {
      if (!isUnavailable(error) || Date.now() - began > START_LIMIT_MS) throw error
      log('warn', 'the database does not answer yet', { error })
    }
  }
}

/** On connections of its own, whose statements may take as long as they need. */
async function migrateOnce(target: Target, log: StoreLog): Promise<void> {
  const db = openDatabase({ target, name: 'tidings-migrations', poolSize: 2, statementLimitMs: 0, log })
  try {
    const done = await migrate(db)
    if (done.length > 0) log('info', 'the database is up to date', { migrations: done })
  } finally {
    await db.destroy()
  }
}

async function answers(db: Kysely<Database>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_LIMIT_MS)
  })
  const asked = sql`select 1`.execute(db).then(
    () => true,
    () => false,
  )
  const answer = await Promise.race([asked, late])
  clearTimeout(timer)
  return answer
}
