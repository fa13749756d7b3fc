import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { killServer } from '../test/faults.ts'
import { removeFolder, temporaryFolder, until, watch } from '../test/test-server.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { joinEmbeddedPostgres } from './join-embedded-postgres.ts'
import { isAlive, isServerOf } from './postmaster.ts'
import { chooseUser } from './system-user.ts'

const isRoot = process.getuid?.() === 0
let directory: string
let watchdog: ChildProcess
let servers: EmbeddedPostgres[]
let children: ChildProcess[]
let lines: string[]

beforeEach(async () => {
  directory = await temporaryFolder()
  watchdog = watch(directory)
  servers = []
  children = []
  lines = []
})
afterEach(async () => {
  for (const server of servers) await server.stop()
  for (const child of children) child.kill('SIGKILL')
  watchdog.stdin?.end()
  await removeFolder(directory)
})

async function start(where = directory): Promise<EmbeddedPostgres> {
  const log = (level: string, text: string) => void lines.push(`${level}: ${text}`)
  const server = await startEmbeddedPostgres({ directory: where, log })
  servers.push(server)
  return server
}

async function ask(server: EmbeddedPostgres, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ ...server.connection, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined) // some tests kill the server meanwhile
  await client.connect()
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

describe('our own PostgreSQL', () => {
  it('[P1] is durable, small, without a network, and keeps its data over a stop', async () => {
    const first = await start()
    const settings = ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'listen_addresses', 'jit']
    const shown = await Promise.all(settings.map((name) => ask(first, `show ${name}`)))
    expect(shown.flat()).toEqual(['on', 'on', 'on', 'on', '', 'off'])
    await ask(first, `create table kept as select 'Ärger' as word`)
    const pid = first.pid()
    await first.stop()
    expect(isAlive(pid)).toBe(false)
    const second = await start()
    expect(await ask(second, `select lower(upper(word)) from kept`)).toEqual(['ärger'])
    expect(lines).toEqual([])
  })

  it('[P1] is adopted when it outlived the process that started it', async () => {
    const holder = fork(join(import.meta.dirname, '../test/hold-database.ts'), [directory], {
      execArgv: ['--import', 'tsx'],
    })
    children.push(holder)
    const [{ pid }] = (await once(holder, 'message')) as [{ pid: number }]
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    const server = await start()
    expect(server.pid()).toBe(pid)
    expect(lines).toEqual(['info: adopted the running database server'])
    await server.stop()
    expect(await isServerOf(join(directory, 'postgres'), pid)).toBe(false)
  })

  it('[ADM10] is joined beside the process that holds it, and left as it is', async () => {
    const server = await start()
    const joined = await joinEmbeddedPostgres({ directory, log: () => undefined })
    expect([joined.joined, joined.pid()]).toEqual([true, server.pid()])
    await joined.stop()
    expect(await ask(server, 'select 1')).toEqual([1])
    expect(lines).toEqual([])
  })

  it('[ADM10] is started for a short work when nothing runs, or adopted, and stopped after it', async () => {
    const alone = await joinEmbeddedPostgres({ directory, log: () => undefined })
    expect(alone.joined).toBe(false)
    expect(await ask(alone, 'select 2')).toEqual([2])
    await alone.stop()
    expect(isAlive(alone.pid())).toBe(false)
    const holder = fork(join(import.meta.dirname, '../test/hold-database.ts'), [directory], {
      execArgv: ['--import', 'tsx'],
    })
    children.push(holder)
    const [{ pid }] = (await once(holder, 'message')) as [{ pid: number }]
    const gone = once(holder, 'exit')
    holder.kill('SIGKILL')
    await gone
    // Its session may still hold on for a moment: then the server is joined, as a process that ends is one that lives.
    await until(async () => {
      const orphan = await joinEmbeddedPostgres({ directory, log: () => undefined })
      expect(orphan.pid()).toBe(pid)
      await orphan.stop()
      return !orphan.joined
    })
    expect(await isServerOf(join(directory, 'postgres'), pid)).toBe(false)
  })

  it('refuses a second live process on the same directory, and the first does not notice', async () => {
    const server = await start()
    const holder = fork(join(import.meta.dirname, '../test/hold-database.ts'), [directory], {
      execArgv: ['--import', 'tsx'],
    })
    children.push(holder)
    const [{ error }] = (await once(holder, 'message')) as [{ error: string }]
    expect(error).toContain(`Another Tidings process uses the database in ${directory}`)
    expect(await ask(server, 'select 1')).toEqual([1])
  })

  it('[P1] killed, it is started again and loses nothing that was committed', async () => {
    const server = await start()
    await ask(server, 'create table kept as select 41 as seq')
    const before = server.pid()
    await killServer(before)
    await until(() => server.pid() !== before)
    expect(await ask(server, 'select seq from kept')).toEqual([41])
    await until(() => lines.includes('info: the database server is back'))
  })

  it('stale lock files do not keep it from starting, even if their number is now that of another program', async () => {
    const server = await start()
    const files = ['postmaster.pid', '.s.PGSQL.5432.lock'].map((name) => join(directory, 'postgres', name))
    const contents = await Promise.all(files.map((file) => readFile(file, 'utf8')))
    await server.stop()
    const { uid, gid } = await stat(join(directory, 'postgres'))
    const stranger = spawn('sleep', ['600'], isRoot ? { uid, gid } : {})
    children.push(stranger)
    for (const [place, file] of files.entries()) {
      await writeFile(file, contents[place]?.replace(/^\d+/, String(stranger.pid)) ?? '')
      if (isRoot) await chown(file, uid, gid)
    }
    expect(await ask(await start(), 'select 2')).toEqual([2])
    expect(lines.filter((line) => line.startsWith('error'))).toEqual([])
    expect(stranger.exitCode).toBeNull()
  })

  it('a directory whose path is too long for a socket works', async () => {
    const long = join(directory, 'x'.repeat(120))
    const server = await start(long)
    expect(server.connection.host.length).toBeLessThan(100)
    expect((await stat(server.connection.host)).mode & 0o777).toBe(0o700)
    expect(await ask(server, 'select 3')).toEqual([3])
    await removeFolder(server.connection.host).catch(() => undefined)
  })

  it('two that start a new directory at once: one gets it, the other says so', async () => {
    const results = await Promise.allSettled([start(), start()])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const [refused] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []))
    expect(refused?.message).toContain('Another Tidings process')
  })

  it.skipIf(!isRoot)('as root: a folder that its user cannot enter is named, with what to do', async () => {
    const locked = await mkdtemp(join(tmpdir(), 'tidings-locked-'))
    await mkdir(join(locked, 'data'))
    await expect(start(join(locked, 'data'))).rejects.toThrow(`cannot enter ${locked}: allow it (chmod o+x ${locked})`)
    await chmod(locked, 0o711)
    expect(await ask(await start(join(locked, 'data')), 'select 4')).toEqual([4])
    await servers.pop()?.stop()
    await removeFolder(locked)
  })

  it.skipIf(!isRoot)('as root: it runs as a system user, and only its files belong to that one', async () => {
    const server = await start()
    const user = await chooseUser(join(directory, 'postgres'))
    expect(user?.uid).toBeGreaterThan(0)
    expect(await readFile(`/proc/${server.pid()}/status`, 'utf8')).toContain(`Uid:\t${user?.uid}`)
    expect((await stat(directory)).uid).toBe(0)
  })
})
