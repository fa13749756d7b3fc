/** Many publishers into one room, over lines that break: one sequence, the same for everybody, nothing twice. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../faults/random.ts'
import type { RawClient } from './raw-client.ts'
import { Town } from './town.ts'

const PUBLISHERS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank']
const EACH = 120
let town: Town

beforeAll(async () => {
  town = await Town.open({
    users: [...PUBLISHERS, 'reader'],
    rooms: { kitchen: ['reader', ...PUBLISHERS], attic: ['reader', ...PUBLISHERS] },
    environment: { LIMIT_SEND_PER_SECOND: '0' },
  })
})
afterAll(() => town?.close())

type Plan = { text: string; qos: 0 | 1 | 2; named: boolean }

/** Sends in bursts; what a cut line left without an answer is sent again with DUP, as a library would. */
async function publishAll(user: string, plans: Plan[], seed: number): Promise<void> {
  const random = createRandom(seed)
  const transport = seed % 2 === 0 ? 'tcp' : 'websocket'
  let client = await town.connect(user, { clientId: `${user}-1`, transport })
  let packetId = 0
  for (let at = 0; at < plans.length; ) {
    const burst = plans.slice(at, at + random.between(1, 12)).map((plan) => ({ ...plan, packetId: ++packetId }))
    at += burst.length
    const cuts = random.between(0, 3) === 0
    for (const one of burst) write(client, one, false)
    if (cuts) {
      await client.ping()
      if (random.between(0, 1) === 0) client.destroy()
      else await client.disconnect()
      client = await town.connect(user, { clientId: `${user}-1`, transport })
      for (const one of burst) if (one.qos > 0) write(client, one, true)
    }
    for (const one of burst) await settle(client, one)
  }
  await client.disconnect()
}

function write(client: RawClient, { text, qos, named, packetId }: Plan & { packetId: number }, dup: boolean): void {
  const payload = named ? JSON.stringify({ type: 'message', id: `id ${text}`, text }) : text
  client.send({ cmd: 'publish', topic: 'rooms/kitchen/send', payload, qos, retain: false, dup, messageId: packetId })
}

async function settle(client: RawClient, { qos, packetId }: Plan & { packetId: number }): Promise<void> {
  if (qos === 0) return
  await client.next(qos === 1 ? 'puback' : 'pubrec', (packet) => packet.messageId === packetId)
  if (qos === 1) return
  client.send({ cmd: 'pubrel', messageId: packetId })
  await client.next('pubcomp', (packet) => packet.messageId === packetId)
}

test('[P2] [P4] mixed QoS, retransmissions and reconnects make one sequence without gap or duplicate', async () => {
  const readers: RawClient[] = []
  for (const transport of ['tcp', 'websocket'] as const) {
    for (const qos of [0, 1] as const) {
      const reader = await town.connect('reader', { clientId: `${transport}-${qos}`, transport })
      expect(await reader.subscribe('rooms/kitchen/messages', qos)).toEqual([qos])
      readers.push(reader)
    }
  }
  const random = createRandom()
  const plans = PUBLISHERS.map((user) =>
    Array.from({ length: EACH }, (_, i): Plan => {
      const qos = random.pick([0, 1, 1, 2] as const)
      return { text: `${user} ${i} at ${qos}`, qos, named: random.between(0, 1) === 0 }
    }),
  )
  await Promise.all(PUBLISHERS.map((user, i) => publishAll(user, plans[i] as Plan[], random.seed + i)))

  const last = await town.connect('alice')
  await last.publish('rooms/kitchen/send', 'the end')
  await Promise.all(readers.map((reader) => reader.message(({ text }) => text.includes('"the end"'))))

  const log = await town.log('kitchen', 'reader')
  expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1))
  const said = log.flatMap(({ type, text }) => (type === 'message' ? [text as string] : []))
  expect(new Set(said).size).toBe(said.length)
  const promised = plans.flat().filter(({ qos }) => qos > 0)
  const archived = new Set(said)
  expect(promised.filter(({ text }) => !archived.has(text))).toEqual([])
  for (const { from, text, type } of log) if (type === 'message' && text !== 'the end') expect(text).toMatch(`${from} `)

  const first = log.findIndex(({ type }) => type === 'message')
  for (const reader of readers) expect(reader.events('kitchen').map(({ seq }) => seq)).toEqual(seqs(log.slice(first)))
}, 60_000)

const seqs = (log: { seq: number }[]): number[] => log.map(({ seq }) => seq)

test('[P2] 200 messages in one write are archived in the order in which they were sent, at whatever QoS', async () => {
  const alice = await town.connect('alice')
  const reader = await town.connect('reader')
  await reader.subscribe('rooms/attic/messages')
  const texts = Array.from({ length: 200 }, (_, i) => `message ${i}`)
  texts.forEach((payload, i) => {
    const qos = (i % 3) as 0 | 1 | 2
    alice.send({ cmd: 'publish', topic: 'rooms/attic/send', payload, qos, retain: false, dup: false, messageId: i + 1 })
  })
  await reader.count('rooms/attic/messages', 200)
  expect(reader.texts('attic')).toEqual(texts)
})

test('[P4] a command id is archived once, whichever device, door and content it comes with again', async () => {
  const [one, two] = [await town.connect('bob', { clientId: 'one' }), await town.connect('bob', { clientId: 'two' })]
  const command = { type: 'message', id: 'only-once', text: 'first' }
  await one.publish('rooms/attic/send', command)
  await two.publish('rooms/attic/send', { ...command, text: 'second' })
  await two.publish('rooms/attic/send', command, { qos: 2 })
  const { status, body } = await town.request('POST', '/api/messages', { room: 'attic', ...command }, 'bob')
  expect(status).toBe(201)
  const { result } = await one.ask('bob', 'send', { room: 'attic', type: 'message', text: 'third' })
  expect(result).toMatchObject({ seq: (body.seq as number) + 1 })
  const carol = await town.connect('carol')
  await carol.publish('rooms/attic/send', { ...command, text: 'another author' })
  const log = (await town.log('attic', 'reader')).filter(({ id }) => id === 'only-once')
  expect(log).toMatchObject([
    { seq: body.seq, from: 'bob', text: 'first' },
    { from: 'carol', text: 'another author' },
  ])
})

test('[P4] the same payload sent again without DUP is another message', async () => {
  const dave = await town.connect('dave', { clientId: 'same' })
  await dave.publish('rooms/attic/send', 'again', { packetId: 7 })
  await dave.publish('rooms/attic/send', 'again', { packetId: 7, dup: true })
  await dave.publish('rooms/attic/send', 'again', { packetId: 7 })
  await dave.publish('rooms/attic/send', 'again', { packetId: 8, dup: true })
  const log = (await town.log('attic', 'reader')).filter(({ text }) => text === 'again')
  expect(log).toHaveLength(3)
})

test('[P4] QoS 2 with one packet id three times is one message', async () => {
  const erin = await town.connect('erin')
  for (const dup of [false, true, true]) {
    const qos = 2
    erin.send({ cmd: 'publish', topic: 'rooms/attic/send', payload: 'thrice', qos, retain: false, dup, messageId: 9 })
  }
  for (let i = 0; i < 3; i++) await erin.next('pubrec')
  erin.send({
    cmd: 'publish',
    topic: 'rooms/attic/send',
    payload: 'thrice',
    qos: 2,
    retain: false,
    dup: false,
    messageId: 9,
  })
  await erin.next('pubrec')
  erin.send({ cmd: 'pubrel', messageId: 9 })
  await erin.next('pubcomp')
  erin.send({ cmd: 'pubrel', messageId: 9 })
  await erin.next('pubcomp')
  expect((await town.log('attic', 'reader')).filter(({ text }) => text === 'thrice')).toHaveLength(1)
})
