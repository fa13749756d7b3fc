import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

/** How to reach a server over its Unix socket. */
export type SocketConnection = { host: string; port: number; user: string; database: string }

/** One session that we keep open: it shows that the directory is ours, and its end that the server is gone. */
export interface Guard {
  readonly lost: Promise<void>
  release(): Promise<void>
}

/** "tidings" as a number. */
const LOCK = 0x746964
/** A session of a process that was killed ends when the server notices. */
const PATIENCE_MS = 2_000
/** A frozen server does not say goodbye. */
const RELEASE_LIMIT_MS = 1_000

/** Another live process holds the directory. */
export class DirectoryInUse extends Error {}

/** Whether a process holds the directory of the server. */
export async function isGuarded(connection: SocketConnection): Promise<boolean> {
  const client = new pg.Client({ ...connection, application_name: 'tidings guard', connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined) // it may be stopped meanwhile; then the query fails
  await client.connect()
  try {
    const { rows } = await client.query<{ held: boolean }>(
      `select exists (select from pg_locks where locktype = 'advisory' and classid = 0 and objid = $1 and granted) as held`,
      [LOCK],
    )
    return rows[0]?.held === true
  } finally {
    await client.end()
  }
}

/** Rejects with `DirectoryInUse` when another live process holds the directory. */
export async function openGuard(connection: SocketConnection, directory: string): Promise<Guard> {
  const client = new pg.Client({ ...connection, application_name: 'tidings guard', connectionTimeoutMillis: 5_000 })
  const lost = new Promise<void>((resolve) => client.once('end', () => resolve()).on('error', () => resolve()))
  const holder = client as unknown as { ref(): void; unref(): void }
  async function release(): Promise<void> {
    holder.ref() // or the process may be over before the server is stopped
    const giveUp = new AbortController()
    const late = delay(RELEASE_LIMIT_MS, undefined, { signal: giveUp.signal }).catch(() => undefined)
    await Promise.race([client.end(), late])
    giveUp.abort()
    holder.unref()
  }
  await client.connect()
  for (const began = Date.now(); ; await delay(50)) {
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [LOCK])
    if (rows[0]?.held) {
      // Watching is no reason to go on living.
      holder.unref()
      return { lost, release }
    }
    if (Date.now() - began > PATIENCE_MS) break
  }
  await release()
  throw new DirectoryInUse(
    `Another Tidings process uses the database in ${directory}: stop it, or set another DATA_DIR.`,
  )
}
