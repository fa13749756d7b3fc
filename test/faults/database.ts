/** PostgreSQL as the faults see it: a group of processes that can be killed, frozen and started again. */
import { execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findFreePort } from '../start-product.ts'

const run = promisify(execFile)

export interface Database {
  /** `DATABASE_URL`; absent for the product's own. */
  readonly url?: string
  /** kill -9 of the server and all of its processes. */
  kill(): Promise<void>
  /** SIGSTOP of all of its processes. */
  freeze(): Promise<void>
  /** SIGSTOP of the postmaster alone: sessions go on, new ones hang. */
  freezePostmaster(): Promise<void>
  thaw(): Promise<void>
  isAlive(): Promise<boolean>
  /** Ends what is left of it. */
  end(): Promise<void>
}

/** A server that the test starts, as DATABASE_URL may name one. */
export interface SeparateDatabase extends Database {
  readonly url: string
  /** Starts it again after `kill`; resolves when it takes connections. */
  start(): Promise<void>
}

/** The postmaster and its children. */
async function processesOf(cluster: string): Promise<number[]> {
  const file = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(file.split('\n')[0])
  if (pid === 0 || !(await isPostgres(pid, cluster))) return []
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return [pid, ...children.split(' ').filter(Boolean).map(Number)]
}

/** Process ids are used again: the one in the file may be another program's. */
async function isPostgres(pid: number, cluster: string): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return line.includes('postgres') && line.split('\0').includes(cluster)
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It is gone, which is as good.
  }
}

export function databaseIn(cluster: string): Database {
  let frozen: number[] = []
  /** Until a look finds nobody new: a child may have been born since the last one. */
  async function signalAll(name: NodeJS.Signals): Promise<number[]> {
    const told = new Set<number>()
    for (;;) {
      const found = (await processesOf(cluster)).filter((pid) => !told.has(pid))
      if (found.length === 0) return [...told]
      for (const pid of found) signal(pid, name)
      for (const pid of found) told.add(pid)
    }
  }
  return {
    async kill() {
      const pids = await processesOf(cluster)
      for (const pid of pids) signal(pid, 'SIGKILL')
    },
    async freeze() {
      frozen = await signalAll('SIGSTOP')
    },
    async freezePostmaster() {
      frozen = (await processesOf(cluster)).slice(0, 1)
      for (const pid of frozen) signal(pid, 'SIGSTOP')
    },
    async thaw() {
      for (const pid of frozen) signal(pid, 'SIGCONT')
      frozen = []
    },
    isAlive: async () => (await processesOf(cluster)).length > 0,
    async end() {
      for (const pid of await signalAll('SIGCONT')) signal(pid, 'SIGKILL')
    },
  }
}

/** Where the operating system's PostgreSQL has its programs, if it has one. */
export function findInstalledPostgres(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).map(Number) : []
  const [newest] = versions.filter((version) => version >= 15).sort((a, b) => b - a)
  return newest === undefined ? undefined : join(root, String(newest), 'bin')
}

/** Starts the operating system's PostgreSQL in a temporary folder; as user `postgres` if we are root. */
export async function startSeparateDatabase(): Promise<SeparateDatabase> {
  const programs = findInstalledPostgres()
  if (programs === undefined) throw new Error('There is no PostgreSQL 15 or newer in /usr/lib/postgresql.')
  const folder = await mkdtemp(join(tmpdir(), 'tidings-faults-'))
  await chmod(folder, 0o711)
  const cluster = join(folder, 'postgres')
  await mkdir(cluster, { mode: 0o700 })
  const identity = process.getuid?.() === 0 ? await postgresUser() : undefined
  if (identity !== undefined) await chown(cluster, identity.uid, identity.gid)
  const options = { ...identity, cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } }
  await run(join(programs, 'initdb'), ['-D', cluster, '-U', 'tidings', '-A', 'trust', '-E', 'UTF8'], options)
  const port = await findFreePort()
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: cluster }
  const args = ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]

  async function start(): Promise<void> {
    // Our own child: one that is killed is gone at once, and its process id with it.
    for (let tries = 1; tries <= 50; tries++) {
      const child = spawn(join(programs as string, 'postgres'), args, { ...options, stdio: 'ignore' })
      while (child.exitCode === null && child.signalCode === null) {
        if (await isReady(cluster, child.pid)) return
        await delay(10)
      }
      // Children of a killed server hold its shared memory until they notice.
      await delay(50)
    }
    throw new Error(`PostgreSQL does not start in ${cluster}.`)
  }

  await start()
  const database = databaseIn(cluster)
  return {
    ...database,
    url: `postgresql://tidings@127.0.0.1:${port}/postgres`,
    start,
    async end() {
      await database.end()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function isReady(cluster: string, pid: number | undefined): Promise<boolean> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready'
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])])
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
}
