/** Clients that do not read, that flood, or that subscribe to everything: the other rooms do not notice. */
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RawClient } from './raw-client.ts'
import { Town } from './town.ts'

const P99_MS = 250
const MEMORY_MB = 32
const ROOMS = { loud: ['mallory', 'alice', 'bob'], quiet: ['alice', 'bob'] }
const USERS = ['mallory', 'alice', 'bob']

/** Resident memory of the product's process, in MB. */
async function memoryOf(town: Town): Promise<number> {
  const status = await readFile(`/proc/${town.product.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

/** Messages in the quiet room, one every 20 ms, until `over`; answers how long they took to the other member, sorted. */
async function bystand(town: Town, over: () => boolean): Promise<number[]> {
  const alice = await town.connect('alice', { clientId: 'bystander-1' })
  const bob = await town.connect('bob', { clientId: 'bystander-2' })
  await bob.subscribe('rooms/quiet/messages', 1)
  const delays: number[] = []
  const under: Promise<void>[] = []
  for (let i = 0; !over() || i < 50; i++) {
    const text = `quiet ${i} ${performance.now()}`
    const sent = performance.now()
    void alice.publish('rooms/quiet/send', text)
    under.push(
      bob
        .message((message) => message.text.includes(text))
        .then(() => {
          delays.push(performance.now() - sent)
          bob.messages.length = 0
        }),
    )
    await delay(20)
  }
  await Promise.all(under)
  await alice.disconnect()
  await bob.disconnect()
  return delays.sort((a, b) => a - b)
}

const p99 = (sorted: number[]): number => sorted[Math.ceil(sorted.length * 0.99) - 1] as number

/** Does something and answers the most memory that the server had meanwhile, in MB. */
async function peakDuring(town: Town, work: () => Promise<void>): Promise<number> {
  let peak = await memoryOf(town)
  const watch = setInterval(async () => {
    peak = Math.max(peak, await memoryOf(town))
  }, 50)
  await work().finally(() => clearInterval(watch))
  return Math.max(peak, await memoryOf(town))
}

/** Runs an attack beside the bystanders; asserts that they bear it, and the server with so much memory as before. */
async function bears(town: Town, attack: () => Promise<void>, allowed?: number): Promise<void> {
  const limit = allowed ?? (await memoryOf(town)) + MEMORY_MB
  let delays: number[] = []
  const peak = await peakDuring(town, async () => {
    let isOver = false
    const attacking = attack().finally(() => {
      isOver = true
    })
    delays = await bystand(town, () => isOver)
    await attacking
  })
  expect(p99(delays)).toBeLessThan(P99_MS)
  expect(peak).toBeLessThan(limit)
}

/** So many messages of 8 kB, or of `bytes`, twenty at a time. */
async function fill(town: Town, room: string, count: number, bytes = 8_000): Promise<void> {
  const sender = await town.connect('mallory', { clientId: 'filler' })
  const text = 'x'.repeat(bytes)
  for (let sent = 0; sent < count; sent += 20) {
    await Promise.all(Array.from({ length: 20 }, () => sender.publish(`rooms/${room}/send`, text)))
  }
  await sender.disconnect()
}

describe('one reader', () => {
  let town: Town
  beforeAll(async () => {
    town = await Town.open({ users: USERS, rooms: ROOMS, environment: { LIMIT_SEND_PER_SECOND: '0' } })
  })
  afterAll(() => town?.close())

  test('[P7] one who stops reading costs less than 32 MB, on a server that was at work before', async () => {
    const good = await town.connect('bob', { clientId: 'good' })
    await good.subscribe('rooms/loud/messages', 1)
    for (let round = 1; round <= 3; round++) {
      await fill(town, 'loud', 6_000, 1_000)
      await good.count('rooms/loud/messages', round * 6_000)
    }
    const stopped = await town.connect('mallory', { clientId: 'stopped' })
    await stopped.subscribe('rooms/loud/messages', 1)
    stopped.pause()
    await bears(town, () => fill(town, 'loud', 6_000, 1_000))
    await good.count('rooms/loud/messages', 24_000)
  }, 60_000)
})

describe('readers', () => {
  let town: Town
  /** What the same messages to a good reader alone make of it, in MB. */
  let memory: number
  beforeAll(async () => {
    town = await Town.open({ users: USERS, rooms: ROOMS, environment: { LIMIT_SEND_PER_SECOND: '0' } })
    memory = await peakDuring(town, async () => {
      for (let round = 0; round < 2; round++) {
        const good = await town.connect('bob', { clientId: 'good' })
        await good.subscribe('rooms/loud/messages', 1)
        await fill(town, 'loud', 4_000)
        await good.count('rooms/loud/messages', 4_000)
        town.hangUp()
      }
    })
  })
  afterAll(() => town?.close())

  /** Twelve: over TCP and WebSocket, each at QoS 0 and 1, in two views. */
  async function readers(): Promise<RawClient[]> {
    const found: RawClient[] = []
    for (let i = 0; i < 12; i++) {
      const transport = i % 4 < 2 ? 'tcp' : 'websocket'
      const client = await town.connect('mallory', { clientId: `reader-${i}`, transport })
      await client.subscribe(['rooms/loud/messages', 'rooms/loud/compact'], (i % 2) as 0 | 1)
      found.push(client)
    }
    return found
  }

  test('[P7] who stops reading is bounded, and holds up neither the room nor any other', async () => {
    const good = await town.connect('bob', { clientId: 'good' })
    await good.subscribe('rooms/loud/messages', 1)
    const stopped = await readers()
    for (const client of stopped) client.pause()
    // Unbounded they would hold more than 100 MB.
    await bears(town, () => fill(town, 'loud', 4_000), memory + MEMORY_MB)
    await good.count('rooms/loud/messages', 4_000)

    const [, tcp, , webSocket] = stopped as [RawClient, RawClient, RawClient, RawClient]
    for (const late of [tcp, webSocket]) {
      late.resume()
      await late.count('rooms/loud/messages', 4_000)
      const seqs = late.events('loud').map(({ seq }) => seq)
      expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] as number) + i))
    }
    const [zero] = stopped as [RawClient]
    zero.resume()
    await fill(town, 'loud', 50)
    const { seq } = (await town.log('loud', 'bob')).at(-1) as { seq: number }
    await zero.message(({ topic, text }) => topic.endsWith('/messages') && text.startsWith(`{"seq":${seq},`))
    const seqs = zero.events('loud').map((event) => event.seq)
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
    expect(seqs.length).toBeLessThan(2_000) // what the system's own buffers hold, and 1 MB of ours
    town.hangUp()
  }, 60_000)
})

describe('senders and subscribers', () => {
  let town: Town
  beforeAll(async () => {
    town = await Town.open({ users: USERS, rooms: ROOMS, environment: { LIMIT_SEND_PER_SECOND: '60' } })
    await bystand(town, () => true)
  })
  afterAll(() => town?.close())

  test('[P7] who floods is slowed alone', async () => {
    const flood: RawClient[] = []
    for (let i = 0; i < 4; i++) flood.push(await town.connect('mallory', { clientId: `flood-${i}` }))
    await bears(town, async () => {
      for (let round = 0; round < 60; round++) {
        for (const client of flood) {
          for (let i = 0; i < 25; i++) {
            const [topic, qos] = i % 2 === 0 ? (['rooms/loud/send', 0] as const) : (['rooms/loud/mark', 1] as const)
            const messageId = round * 25 + i + 1
            const payload = i % 2 === 0 ? `flood ${i}` : '{"read":1}'
            client.send({ cmd: 'publish', topic, payload, qos, retain: false, dup: false, messageId })
          }
        }
        await delay(50)
      }
    })
    town.hangUp()
  }, 60_000)

  test('[P7] ten thousand filters, and as many taken back', async () => {
    const greedy: RawClient[] = []
    for (let i = 0; i < 20; i++) greedy.push(await town.connect('mallory', { clientId: `greedy-${i}` }))
    await bears(town, async () => {
      for (let round = 0; round < 5; round++) {
        await Promise.all(
          greedy.map(async (client) => {
            const filters = Array.from({ length: 100 }, (_, i) => `rooms/loud/presence/user-${round}-${i}`)
            expect(await client.subscribe(filters)).toEqual(Array(100).fill(0))
          }),
        )
      }
      await Promise.all(greedy.map((client) => client.unsubscribe('rooms/loud/presence/user-0-0')))
    })
    town.hangUp()
  }, 60_000)

  test('[P7] connecting and leaving, again and again', async () => {
    await bears(town, async () => {
      for (let round = 0; round < 15; round++) {
        const clients = await Promise.all(
          Array.from({ length: 15 }, (_, i) => town.connect('mallory', { clientId: `storm-${i}`, clean: i % 2 === 0 })),
        )
        await Promise.all(clients.map((client) => client.subscribe('rooms/+/#', 1)))
        for (const client of clients) client.destroy()
      }
    })
  }, 60_000)
})
