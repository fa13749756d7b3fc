/** The log is the truth: over bad lines and after long absences a durable subscription is whole and in order. */
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../faults/random.ts'
import { TcpProxy } from '../proxy.ts'
import { Town } from './town.ts'

let town: Town
const proxies: TcpProxy[] = []

beforeAll(async () => {
  town = await Town.open({
    users: ['alice', 'bob', 'carol', 'dave'],
    rooms: {
      kitchen: ['alice', 'bob', 'carol', 'dave'],
      attic: ['alice', 'bob', 'carol', 'dave'],
      cellar: ['alice', 'bob', 'carol', 'dave'],
      garden: ['alice', 'bob'],
    },
    environment: { LIMIT_SEND_PER_SECOND: '0' },
  })
})
afterAll(async () => {
  for (const proxy of proxies) await proxy.close()
  await town?.close()
})

async function openProxy(): Promise<TcpProxy> {
  const proxy = await TcpProxy.start(town.product.mqttPort)
  proxies.push(proxy)
  return proxy
}

/** Publishes so many messages, with at most 200 unacknowledged. */
async function say(user: string, room: string, count: number, prefix = 'message'): Promise<void> {
  const client = await town.connect(user, { clientId: `sayer-${room}` })
  for (let from = 0; from < count; from += 200) {
    const size = Math.min(200, count - from)
    const texts = Array.from({ length: size }, (_, i) => `${prefix} ${from + i}`)
    await Promise.all(texts.map((text) => client.publish(`rooms/${room}/send`, text)))
  }
  await client.disconnect()
}

/** npm's mqtt client with a durable subscription, through a proxy; comes back by itself. */
async function durableLibrary(
  user: string,
  room: string,
  proxy: TcpProxy,
): Promise<{ client: MqttClient; seqs: number[] }> {
  const seqs: number[] = []
  const client = mqtt.connect(`mqtt://127.0.0.1:${proxy.port}`, {
    ...{ protocolVersion: 4, clientId: `${user}-phone`, username: user, password: town.token(user) },
    ...{ clean: false, reconnectPeriod: 20, connectTimeout: 2_000 },
  })
  client.on('error', () => undefined) // it comes back
  client.on('message', (_topic, payload) => seqs.push(JSON.parse(payload.toString()).seq))
  await new Promise((resolve) => client.once('connect', resolve))
  await client.subscribeAsync(`rooms/${room}/messages`, { qos: 1 })
  return { client, seqs }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)
/** What a user is shown: duplicates by seq are dropped, as every client does. */
const shown = (seqs: number[]): number[] => seqs.filter((seq, i) => seqs.indexOf(seq) === i)

test('[P3] a subscriber whose line is cut and stalled at random ends with the complete log, in order', async () => {
  const proxy = await openProxy()
  const random = createRandom()
  proxy.latencyMs = 2
  proxy.jitterMs = 2
  proxy.bytesPerSecond = 2_000_000
  const first = (await town.log('kitchen', 'bob')).length + 1
  const { client, seqs } = await durableLibrary('bob', 'kitchen', proxy)
  let saying = true
  const said = say('alice', 'kitchen', 3_000).then(() => {
    saying = false
  })
  let cuts = 0
  const trouble = (async () => {
    while (saying || cuts < 12) {
      const received = seqs.length
      const goal = received + random.between(1, 150)
      const isOver = () => !saying && seqs.at(-1) === first + 2_999
      await reached(client, () => seqs.length >= goal || isOver())
      if (isOver()) return
      cuts++
      if (random.between(0, 2) === 0) {
        proxy.stall()
        await town.request('GET', '/health/live')
        proxy.resume()
      } else proxy.cut()
    }
  })()
  await said
  await trouble
  await reached(client, () => seqs.at(-1) === first + 2_999)
  expect(shown(seqs)).toEqual(range(first, first + 2_999))
  expect(shown(seqs)).toEqual([...shown(seqs)].sort((a, b) => a - b))
  expect(cuts).toBeGreaterThanOrEqual(12)
  await client.endAsync(true)
}, 60_000)

/** Resolves when it is so, looked at whenever the client hears something or has come back. */
function reached(client: MqttClient, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo()) return
      client.off('message', look).off('connect', look)
      resolve()
    }
    client.on('message', look).on('connect', look)
    look()
  })
}

test('[P3] [CUR1] who was away for 5000 messages gets exactly those, in order, and is then live', async () => {
  const options = { clientId: 'phone', clean: false }
  const before = await town.connect('carol', options)
  await before.subscribe('rooms/attic/messages', 1)
  const head = (await town.log('attic', 'carol')).length
  await say('alice', 'attic', 1, 'seen')
  await before.count('rooms/attic/messages', 1)
  await before.disconnect()

  await say('alice', 'attic', 5_000)
  const after = await town.connect('carol', options)
  expect(await after.subscribe('rooms/attic/messages', 1)).toEqual([1])
  await after.count('rooms/attic/messages', 5_000)
  await say('bob', 'attic', 1, 'live')
  await after.message(({ text }) => text.includes('live 0'))
  expect(after.events('attic').map(({ seq }) => seq)).toEqual(range(head + 2, head + 5_002))
}, 60_000)

test('[CUR1] what was not acknowledged comes again; what was, does not', async () => {
  const options = { clientId: 'tablet', clean: false }
  const one = await town.connect('carol', options)
  one.acknowledges = false
  await one.subscribe('rooms/cellar/messages', 1)
  await say('alice', 'cellar', 10, 'word')
  const ten = await one.count('rooms/cellar/messages', 10)
  for (const { packetId } of ten.slice(0, 4)) one.send({ cmd: 'puback', messageId: packetId as number })
  one.send({ cmd: 'puback', messageId: ten[6]?.packetId as number })
  await one.ping()
  one.destroy()

  const two = await town.connect('carol', options)
  await two.subscribe('rooms/cellar/messages', 1)
  await two.message(({ text }) => text.includes('word 9'))
  expect(two.texts('cellar')[0]).toBe('word 4')
  expect(two.texts('cellar').slice(-3)).toEqual(['word 7', 'word 8', 'word 9'])
  await two.disconnect()

  const three = await town.connect('carol', options)
  await three.subscribe('rooms/cellar/messages', 1)
  await say('alice', 'cellar', 1, 'next')
  await three.message(({ text }) => text.includes('next 0'))
  expect(three.texts('cellar')).toEqual(['next 0'])
})

test('[CUR1] session-present is 0, and without the SUBSCRIBE nothing comes', async () => {
  const options = { clientId: 'watch', clean: false }
  const one = await town.connect('dave', options)
  await one.subscribe('rooms/+/messages', 1)
  await one.disconnect()
  await say('alice', 'cellar', 1, 'unheard')
  const two = await town.open()
  two.send({
    ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, keepalive: 60 },
    ...{ ...options, username: 'dave', password: Buffer.from(town.token('dave')) },
  })
  expect(await two.next('connack')).toMatchObject({ returnCode: 0, sessionPresent: false })
  await two.publish('rooms/kitchen/send', 'a message of his own')
  await two.ping()
  expect(two.messages).toEqual([])
  expect(await two.subscribe('rooms/+/messages', 1)).toEqual([1])
  await two.message(({ text }) => text.includes('unheard 0'))
  await two.message(({ text }) => text.includes('a message of his own'))
})

test('[CUR1] a durable subscription starts at the head; UNSUBSCRIBE ends it', async () => {
  const options = { clientId: 'fresh', clean: false }
  const one = await town.connect('bob', options)
  await one.subscribe('rooms/garden/messages', 1)
  await say('alice', 'garden', 1, 'first')
  await one.count('rooms/garden/messages', 1)
  expect(one.texts('garden')).toEqual(['first 0'])
  await one.unsubscribe('rooms/garden/messages')
  await one.disconnect()
  await say('alice', 'garden', 1, 'missed on purpose')
  const two = await town.connect('bob', options)
  await two.subscribe('rooms/garden/messages', 1)
  await say('alice', 'garden', 1, 'heard')
  await two.message(({ text }) => text.includes('heard 0'))
  expect(two.texts('garden')).toEqual(['heard 0'])
})

test('[CUR2] another view of the same connection goes on from where the device is', async () => {
  const one = await town.connect('bob', { clientId: 'views', clean: false })
  await one.subscribe('rooms/garden/messages', 1)
  await say('alice', 'garden', 5, 'five')
  await one.count('rooms/garden/messages', 5)
  await one.ping()
  await one.subscribe('rooms/garden/text', 1)
  await one.subscribe('rooms/garden/messages', 0)
  await one.subscribe('rooms/garden/messages', 1)
  await say('alice', 'garden', 1, 'six')
  await one.message(({ text }) => text === 'alice: six 0')
  await one.message(({ text }) => text.includes('"six 0"'))
  expect(one.on('rooms/garden/text').map(({ text }) => text)).toEqual(['alice: six 0'])
  expect(one.texts('garden')).toEqual([...range(0, 4).map((i) => `five ${i}`), 'six 0'])
})

test('[CUR1] many filters in one durable SUBSCRIBE each have a cursor', async () => {
  const options = { clientId: 'many', clean: false }
  const rooms = ['kitchen', 'attic', 'cellar']
  const one = await town.connect('dave', options)
  await one.subscribe(
    rooms.map((room) => `rooms/${room}/messages`),
    1,
  )
  await one.disconnect()
  for (const room of rooms) await say('alice', room, 2, 'while away')
  const two = await town.connect('dave', options)
  await two.subscribe(
    rooms.map((room) => `rooms/${room}/messages`),
    1,
  )
  for (const room of rooms) await two.count(`rooms/${room}/messages`, 2)
  for (const room of rooms) expect(two.texts(room)).toEqual(['while away 0', 'while away 1'])
})

test('[CUR3] a full window waits for acknowledgements and then goes on, in order', async () => {
  const slow = await town.connect('bob', { clientId: 'window' })
  slow.acknowledges = false
  await slow.subscribe('rooms/garden/messages', 1)
  await say('alice', 'garden', 3_000, 'window')
  const held = await slow.count('rooms/garden/messages', 1_024)
  await slow.ping()
  expect(held).toHaveLength(1_024)
  slow.acknowledges = true
  for (const { packetId } of held) slow.send({ cmd: 'puback', messageId: packetId as number })
  await slow.count('rooms/garden/messages', 3_000)
  expect(slow.texts('garden')).toEqual(range(0, 2_999).map((i) => `window ${i}`))
}, 60_000)

test('[P3] members who are away cost no writes for the messages they miss', async () => {
  await town.makeRoom('loft', ['alice', 'bob', 'carol', 'dave'])
  for (const user of ['bob', 'carol', 'dave']) {
    const device = await town.connect(user, { clientId: 'sleeper', clean: false })
    await device.subscribe('rooms/+/messages', 1)
    await device.disconnect()
  }
  const database = new pg.Client({
    ...{ host: join(town.product.dataDirectory, 'postgres', 'postgres'), port: 5432 },
    ...{ user: 'tidings', database: 'postgres' },
  })
  await database.connect()
  const rows = async () => {
    const cursors = `select *, xmin::text from cursors where device_id = 'sleeper' order by 1, 2, 3`
    const marks = `select *, xmin::text from marks order by 1, 2`
    return [(await database.query(cursors)).rows, (await database.query(marks)).rows]
  }
  try {
    const before = await rows()
    expect(before[0]?.length).toBeGreaterThanOrEqual(3)
    await say('alice', 'loft', 500, 'nobody is here')
    expect(await rows()).toEqual(before)
  } finally {
    await database.end()
  }
})
