import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UserId } from '../protocol/ids.ts'
import { describeWith, programPath } from '../scripts/test-programs.ts'
import { createLoginGuard } from './login-guard.ts'
import { createCounters } from './rate-limits.ts'

test('[LIM7] in memory: counts, takes back, holds, forgets', async () => {
  const counter = createCounters()('things', 60)
  expect(await counter.get('a')).toBeUndefined()
  expect(await counter.add('a')).toEqual({ used: 1, msLeft: 60_000 })
  expect((await counter.add('a')).used).toBe(2)
  expect((await counter.add('b')).used).toBe(1)
  await counter.takeBack('a')
  expect((await counter.get('a'))?.used).toBe(1)
  await counter.hold('a', 5)
  expect((await counter.get('a'))?.msLeft).toBeLessThanOrEqual(5_000)
  await counter.forget('a')
  expect(await counter.get('a')).toBeUndefined()
})

describeWith('redis', 'in Redis', () => {
  let folder: string
  let server: ChildProcess
  const clients: Redis[] = []

  async function startServer(): Promise<void> {
    const path = join(folder, 'redis.sock')
    const options = ['--port', '0', '--unixsocket', path, '--save', '', '--dir', folder]
    server = spawn(programPath('redis'), options, { stdio: ['ignore', 'pipe', 'inherit'] })
    for await (const line of server.stdout ?? []) if (String(line).includes('eady to accept connections')) break
    server.stdout?.resume()
  }
  async function openNode() {
    const client = new Redis({
      path: join(folder, 'redis.sock'),
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 20,
      lazyConnect: true,
    })
    client.on('error', () => {}) // away: that is what this is about
    clients.push(client)
    await client.connect()
    return { client, open: createCounters(client) }
  }

  /** Errors on the way are part of it. */
  const heard = (client: Redis, event: 'close' | 'ready') =>
    new Promise<void>((resolve) => client.once(event, () => resolve()))

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidings-redis-'))
    await startServer()
  })
  afterAll(async () => {
    for (const client of clients) client.disconnect()
    server?.kill()
    await rm(folder, { recursive: true, force: true })
  })

  test('[LIM7] two nodes count together, and what is counted ends by itself', async () => {
    const [one, other] = [await openNode(), await openNode()]
    const [here, there] = [one.open('things', 60), other.open('things', 60)]
    const counts = await Promise.all([here.add('k'), there.add('k'), here.add('k'), there.add('k')])
    expect(counts.map(({ used }) => used).sort()).toEqual([1, 2, 3, 4])
    await there.takeBack('k')
    expect((await here.get('k'))?.used).toBe(3)
    await here.hold('k', 900)
    expect((await there.get('k'))?.msLeft).toBeGreaterThan(890_000)
    const keys = await one.client.keys('*')
    for (const key of keys) expect(await one.client.pttl(key)).toBeGreaterThan(0)
    await here.forget('k')
    expect(await there.get('k')).toBeUndefined()
  })

  test('[LIM7] wrong passwords at one node make the others refuse', async () => {
    const guards = await Promise.all(
      [await openNode(), await openNode()].map(async ({ open }) =>
        createLoginGuard({
          perMinute: 10,
          openCounter: open,
          placesOf: () => [],
          sessions: { knows: async () => false },
        }),
      ),
    )
    const [here, there] = guards
    const alice = 'alice' as UserId
    for (let n = 0; n < 10; n++) await here?.failed(alice, { address: `198.51.100.${n}` })
    expect(await there?.check(alice, { address: '203.0.113.1' })).toMatchObject({ code: 'rate_limited' })
  })

  test('[LIM7] while Redis is away each node counts alone and nobody waits for it; then they count together again', async () => {
    const [one, other] = [await openNode(), await openNode()]
    const [here, there] = [one.open('lost', 60), other.open('lost', 60)]
    expect((await here.add('k')).used).toBe(1)
    const closed = [one, other].map(({ client }) => heard(client, 'close'))
    server.kill('SIGKILL')
    await Promise.all(closed)
    const began = performance.now()
    expect((await here.add('k')).used).toBe(1)
    expect((await here.add('k')).used).toBe(2)
    expect((await there.add('k')).used).toBe(1)
    expect((await here.get('k'))?.used).toBe(2)
    await here.hold('k', 7)
    await there.forget('k')
    expect(performance.now() - began).toBeLessThan(1_000)

    const ready = [one, other].map(({ client }) => heard(client, 'ready'))
    await rm(join(folder, 'redis.sock'), { force: true })
    await startServer()
    await Promise.all(ready)
    expect((await here.add('again')).used).toBe(1)
    expect((await there.add('again')).used).toBe(2)
  })
})
