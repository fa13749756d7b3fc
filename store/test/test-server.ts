/** PostgreSQL servers for tests: each in a folder of its own, gone with the process that started it, however it ends. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.ts'
import { chooseUser } from '../embedded/system-user.ts'

export interface TestServer {
  /** The connection string of a database of this server. */
  url(database: string): string
  /** The server's process id at present. */
  pid(): number
  stop(): Promise<void>
}

/** Our own server, as it runs when no DATABASE_URL is set. */
export async function startEmbeddedServer(): Promise<TestServer> {
  const directory = await temporaryFolder()
  const server = await startEmbeddedPostgres({ directory, log: () => undefined })
  const watchdog = watch(directory)
  const { host, port, user } = server.connection
  return {
    url: (database) => `postgresql://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`,
    pid: server.pid,
    async stop() {
      await server.stop()
      watchdog.stdin?.end()
    },
  }
}

/** Where a PostgreSQL of the operating system has its programs, if there is one. */
export function installedPostgres(): string | undefined {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : []
  const [folder] = versions.map((version) => `/usr/lib/postgresql/${version}/bin`).filter((bin) => existsSync(bin))
  return folder
}

/** The operating system's PostgreSQL on a free TCP port: what DATABASE_URL may point to. */
export async function startInstalledServer(programs: string): Promise<TestServer> {
  const directory = await temporaryFolder()
  const cluster = join(directory, 'postgres')
  const runAs = await chooseUser(cluster)
  await mkdir(cluster, { mode: 0o700 })
  if (runAs !== undefined) await chown(cluster, runAs.uid, runAs.gid)
  const identity = runAs === undefined ? {} : { uid: runAs.uid, gid: runAs.gid }
  const options = { ...identity, cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' } }
  const run = promisify(execFile)
  await run(join(programs, 'initdb'), ['-D', cluster, '-U', 'tidings', '-A', 'trust', '-E', 'UTF8'], options)
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${cluster}`]
  await run(
    join(programs, 'pg_ctl'),
    [
      '-D',
      cluster,
      '-w',
      '-l',
      join(cluster, 'log'),
      '-o',
      settings.map((setting) => `-c ${setting}`).join(' '),
      'start',
    ],
    options,
  )
  const watchdog = watch(directory)
  const pid = Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0])
  return {
    url: (database) => `postgresql://tidings@127.0.0.1:${port}/${database}`,
    pid: () => pid,
    async stop() {
      await run(join(programs, 'pg_ctl'), ['-D', cluster, '-m', 'fast', '-w', 'stop'], options)
      watchdog.stdin?.end()
    },
  }
}

/** A folder in which other system users can reach what belongs to them. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidings-store-'))
  await chmod(folder, 0o711)
  return folder
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** The free port of the moment. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Stops the server in the folder and removes it when our end of its standard input closes, which our death does too. */
export function watch(directory: string): ChildProcess {
  const script = `read nothing
    pid=$(head -n 1 "$1/postgres/postmaster.pid" 2>/dev/null)
    [ -n "$pid" ] && kill -CONT "$pid" && kill -INT "$pid"
    tries=0
    while [ -n "$pid" ] && kill -0 "$pid" && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
    [ -n "$pid" ] && kill -QUIT "$pid"
    rm -rf -- "$1"`
  const child = spawn('/bin/sh', ['-c', script, 'sh', directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.unref()
  ;(child.stdin as unknown as { unref(): void }).unref()
  return child
}

/** Waits until it is so; for what other processes do, which no event tells us. */
export async function until(isSo: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  for (const began = Date.now(); !(await isSo()); await delay(10)) {
    if (Date.now() - began > limitMs) throw new Error(`not so within ${limitMs} ms: ${isSo}`)
  }
}
