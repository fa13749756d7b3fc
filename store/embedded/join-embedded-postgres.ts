import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { StoreLog } from '../store.ts'
import { socketDirectoryFor } from './cluster.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { DirectoryInUse, isGuarded, type SocketConnection } from './guard.ts'
import { isServerOf, readPostmaster } from './postmaster.ts'
import { chooseUser } from './system-user.ts'

/** A process that begins or ends at the same time lets go of the directory, or has a server that can be joined, by then. */
const PATIENCE_MS = 10_000

/**
 * For a short work beside a process that may be running on the directory: uses its server and leaves it as it is
 * (`joined`), or starts one and stops it again.
 */
export async function joinEmbeddedPostgres(options: {
  directory: string
  log: StoreLog
}): Promise<EmbeddedPostgres & { joined: boolean }> {
  for (const began = Date.now(); ; await delay(50)) {
    const running = await findGuarded(resolve(options.directory))
    if (running !== undefined) return { ...running, joined: true, stop: async () => undefined }
    try {
      return { ...(await startEmbeddedPostgres(options)), joined: false }
    } catch (error) {
      if (!(error instanceof DirectoryInUse) || Date.now() - began > PATIENCE_MS) throw error
    }
  }
}

/** The server of the directory when it is ready and a process holds on to it. */
async function findGuarded(directory: string): Promise<Pick<EmbeddedPostgres, 'connection' | 'pid'> | undefined> {
  const cluster = `${directory}/postgres`
  const found = await readPostmaster(cluster)
  if (found === undefined || !found.ready || !(await isServerOf(cluster, found.pid))) return undefined
  const host = await socketDirectoryFor(cluster, await chooseUser(cluster))
  const connection: SocketConnection = { host, port: 5432, user: 'tidings', database: 'postgres' }
  return (await isGuarded(connection)) ? { connection, pid: () => found.pid } : undefined
}
