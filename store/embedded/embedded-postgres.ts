/** Our own PostgreSQL: started with the process, stopped with it, adopted when it outlived a process, revived when it dies. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { StoreLog } from '../store.ts'
import { type Binaries, findBinaries } from './binaries.ts'
import { ENVIRONMENT, prepareCluster, socketDirectoryFor } from './cluster.ts'
import { type Guard, openGuard, type SocketConnection } from './guard.ts'
import { disownLockFiles, isServerOf, readPostmaster } from './postmaster.ts'
import { serverArguments } from './settings.ts'
import { chooseUser, type RunAs, requireReach } from './system-user.ts'

export interface EmbeddedPostgres {
  readonly connection: SocketConnection
  /** The server's process id at present. */
  pid(): number
  /** Stops the server: connections are cut, what is committed is on disk. */
  stop(): Promise<void>
}

type Place = { cluster: string; logFile: string; socketDirectory: string; binaries: Binaries; runAs: RunAs | undefined }

const POLL_MS = 15
/** A server that recovers from a crash replays its log first. */
const START_LIMIT_MS = 120_000
/** Children of a killed server hold its shared memory until they notice; another process may have been faster. */
const START_RETRY_MS = 10_000
/** A stop is asked for, then demanded, then made: how long each may take. After any of them the log is whole. */
const STOPS = [
  ['SIGINT', 4_000],
  ['SIGQUIT', 1_500],
  ['SIGKILL', 1_500],
] as const

/**
 * Starts or adopts the server whose files are in `directory`. Rejects with an error for operators: the folder cannot
 * be reached, there are no programs for this platform, or another live process uses the directory.
 */
export async function startEmbeddedPostgres(options: { directory: string; log: StoreLog }): Promise<EmbeddedPostgres> {
  const { log } = options
  const directory = resolve(options.directory)
  const cluster = join(directory, 'postgres')
  await mkdir(directory, { recursive: true })
  const runAs = await chooseUser(cluster)
  await requireReach(directory, runAs)
  const binaries = await findBinaries(directory, runAs, log)
  await prepareCluster(cluster, binaries, runAs)
  const socketDirectory = await socketDirectoryFor(cluster, runAs)
  const place: Place = { cluster, logFile: join(directory, 'postgres.log'), socketDirectory, binaries, runAs }

  let stopping = false
  let pid = await ensureRunning(place, log)
  const connection = { host: socketDirectory, port: 5432, user: 'tidings', database: 'postgres' }
  let guard: Guard = await openGuard(connection, directory)
  let revival: Promise<void> | undefined

  const watch = () =>
    void guard.lost.then(() => {
      if (!stopping) revival = revive().catch((error: unknown) => log('error', 'database watch failed', { error }))
    })

  async function revive(): Promise<void> {
    log('error', 'the database server is gone; starting it again', { pid })
    for (let pause = 50; !stopping; pause = Math.min(pause * 2, 5_000)) {
      try {
        pid = await ensureRunning(place, log)
        guard = await openGuard(connection, directory)
        log('info', 'the database server is back', { pid })
        return watch()
      } catch (error) {
        log('error', 'the database server could not be started again', { error, retryInMs: pause })
        await delay(pause)
      }
    }
  }

  watch()
  return {
    connection,
    pid: () => pid,
    async stop() {
      stopping = true
      await revival
      await guard.release()
      if (!(await stopServer(pid, cluster))) log('error', 'the database server does not stop', { pid })
    },
  }
}

/** Answers the process id of a server that accepts connections. */
async function ensureRunning(place: Place, log: StoreLog): Promise<number> {
  const began = Date.now()
  for (;;) {
    const found = await readPostmaster(place.cluster)
    if (found !== undefined && (await isServerOf(place.cluster, found.pid))) {
      if (found.ready) {
        log('info', 'adopted the running database server', { pid: found.pid })
        return found.pid
      }
      if (Date.now() - began > START_LIMIT_MS) throw new Error('The database server neither starts nor stops.')
      await delay(POLL_MS)
      continue
    }
    await disownLockFiles(place.cluster, place.socketDirectory)
    const { child, logEnd } = await spawnServer(place)
    if (await becomesReady(place, child)) return child.pid ?? 0
    const said = (await readFile(place.logFile, 'utf8')).slice(logEnd).trim()
    if (!/shared memory block|lock file/.test(said) || Date.now() - began > START_RETRY_MS) {
      throw new Error(`The database server did not start: ${said}`)
    }
    await delay(100)
  }
}

async function spawnServer(place: Place): Promise<{ child: ChildProcess; logEnd: number }> {
  const logFile = await open(place.logFile, 'a')
  try {
    const { size } = await logFile.stat()
    const child = spawn(place.binaries.postgres, serverArguments(place.cluster, place.socketDirectory), {
      // A group of its own: Ctrl-C in a terminal must not stop the database before us.
      detached: true,
      stdio: ['ignore', logFile.fd, logFile.fd],
      env: ENVIRONMENT,
      cwd: '/',
      ...(place.runAs !== undefined && { uid: place.runAs.uid, gid: place.runAs.gid }),
    })
    child.unref()
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    return { child, logEnd: size }
  } catch (cause) {
    throw new Error('The database programs do not run here: set DATABASE_URL to a PostgreSQL 15+.', { cause })
  } finally {
    await logFile.close()
  }
}

/** False: it exited, because it cannot start or because another process started one first. */
async function becomesReady(place: Place, child: ChildProcess): Promise<boolean> {
  const began = Date.now()
  while (child.exitCode === null && child.signalCode === null) {
    const found = await readPostmaster(place.cluster)
    if (found?.pid === child.pid && found?.ready) return true
    if (Date.now() - began > START_LIMIT_MS) throw new Error('The database server does not get ready.')
    await delay(POLL_MS)
  }
  return false
}

/** Fast shutdown, then an immediate one, then none: the next start recovers from the log. False: it is still there. */
async function stopServer(pid: number, cluster: string): Promise<boolean> {
  for (const [signal, limit] of STOPS) {
    if (!(await isServerOf(cluster, pid))) return true
    process.kill(pid, signal)
    for (const began = Date.now(); Date.now() - began < limit; ) {
      if (!(await isServerOf(cluster, pid))) return true
      await delay(POLL_MS)
    }
  }
  return false
}
