/** What strangers and broken clients try, and what becomes of it. */
import { generate } from 'mqtt-packet'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createRandom } from '../faults/random.ts'
import { type ConnectOptions, connectPacket, type RawClient } from './raw-client.ts'
import { Town } from './town.ts'

const PER_ADDRESS = 60
const TRANSPORTS = ['tcp', 'websocket'] as const
let town: Town

beforeAll(async () => {
  town = await Town.open({
    users: ['alice', 'bob', 'carol'],
    rooms: { kitchen: ['alice', 'bob', 'carol'] },
    environment: { LIMIT_CONNECTIONS_PER_IP: String(PER_ADDRESS), LIMIT_SEND_PER_SECOND: '0' },
  })
})
afterAll(() => town?.close())
afterEach(() => town.hangUp())

/** Resolves when the server closes the line; rejects after a second. */
const closedSoon = (client: RawClient): Promise<void> =>
  Promise.race([
    client.closed,
    new Promise<void>((_, reject) => {
      setTimeout(() => reject(new Error('still open after a second')), 1_000).unref()
    }),
  ])

const header = (first: number, length: number): Buffer => {
  const bytes = [first]
  for (let rest = length; bytes.length === 1 || rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) | (rest > 127 ? 0x80 : 0))
  }
  return Buffer.from(bytes)
}

describe.each(TRANSPORTS)('over %s', (transport) => {
  test('[LIM6] a packet before login is cut above 16 KiB, on its announced length', async () => {
    for (const length of [16_384, 100_000, 268_435_455]) {
      const client = await town.open(transport)
      client.send(header(0x10, length))
      await closedSoon(client)
    }
    const fits = await town.open(transport)
    const big = { username: 'alice', password: town.token('alice'), clientId: 'big' }
    const rest = 16_384 - generate(connectPacket({ ...big, will: { topic: 'a', payload: '' } })).length
    const code = await fits.connect({ ...big, will: { topic: 'a', payload: 'x'.repeat(rest - 1) } })
    expect(code).toBe(0)
  })

  test('[LIM6] a packet after login is cut above 64 KiB', async () => {
    const alice = await town.connect('alice', { transport })
    const topic = 'rooms/kitchen/send'
    const payload = 'x'.repeat(65_536 - 4 - 2 - topic.length)
    await alice.publish(topic, payload, { qos: 0 })
    await alice.message(({ text }) => text.includes('invalid_command')) // longer than a text may be, but read
    alice.send(header(0x30, 65_533))
    await closedSoon(alice)
  })

  test('[MQTT-4.8.0-1] what is malformed is closed', async () => {
    const afterLogin: [string, number[]][] = [
      ['a second CONNECT', [...generate(connectPacket({ clientId: 'x' }))]],
      ['CONNACK', [0x20, 2, 0, 0]],
      ['PINGRESP', [0xd0, 0]],
      ['PINGREQ with a body', [0xc0, 1, 0]],
      ['QoS 3', [0x36, 5, 0, 1, 0x61, 0, 1]],
      ['packet id 0', [0x32, 5, 0, 1, 0x61, 0, 0]],
      ['an empty topic', [0x30, 2, 0, 0]],
      ['a wildcard in a topic', [0x30, 3, 0, 1, 0x23]],
      ['U+0000 in a topic', [0x30, 3, 0, 1, 0]],
      ['ill-formed UTF-8 in a topic', [0x30, 4, 0, 2, 0xc0, 0x80]],
      ['a surrogate in a filter', [0x82, 8, 0, 1, 0, 3, 0xed, 0xa0, 0x80, 0]],
      ['the filter a#', [0x82, 7, 0, 1, 0, 2, 0x61, 0x23, 0]],
      ['SUBSCRIBE without filters', [0x82, 2, 0, 1]],
      ['UNSUBSCRIBE without filters', [0xa2, 2, 0, 1]],
      ['a length of five bytes', [0x30, 0xff, 0xff, 0xff, 0xff, 0x01]],
      [
        'a topic of 200 levels',
        [...generate({ cmd: 'publish', topic: '/'.repeat(200), payload: '', qos: 0, dup: false, retain: false })],
      ],
    ]
    for (const [what, bytes] of afterLogin) {
      const client = await town.connect('alice', { transport })
      client.send(Buffer.from(bytes))
      await closedSoon(client).catch(() => expect.fail(`${what} left the connection open`))
    }
    for (const bytes of [[0xc0, 0], [0x30, 2, 0, 0], [0xe0, 0], [0x00], [0x10, 0], [0x16, 3, 1, 0]]) {
      const client = await town.open(transport)
      client.send(Buffer.from([...bytes, ...Array(20).fill(0)]))
      await closedSoon(client)
    }
  })

  test('[AUTH4] CONNACK says why not', async () => {
    const alice = { username: 'alice', password: town.token('alice') }
    const refused: [number, ConnectOptions][] = [
      [1, { ...alice, protocolVersion: 5 }],
      [2, { ...alice, clientId: '', clean: false }],
      [2, { ...alice, clientId: 'with space' }],
      [2, { ...alice, clientId: 'a/b' }],
      [2, { ...alice, clientId: 'x'.repeat(65) }],
    ]
    for (const [code, options] of refused) {
      const client = await town.open(transport)
      expect(await client.connect(options)).toBe(code)
      await closedSoon(client)
    }
    for (const options of [
      { protocolVersion: 3 as const, clientId: 'old' },
      { clientId: '__proto__' },
      { clientId: 'constructor' },
    ]) {
      const client = await town.connect('alice', { ...options, transport })
      await client.publish('rooms/kitchen/mark', '{"read":1}')
      await client.disconnect()
    }
  })
})

describe('who connects as whom', () => {
  test('[AUTH3] a client id is one’s own: others with the same one are other devices', async () => {
    const victim = await town.connect('alice', { clientId: 'phone', clean: false })
    await victim.subscribe('rooms/+/messages', 1)
    victim.send({
      cmd: 'publish',
      topic: 'rooms/kitchen/send',
      payload: 'once',
      qos: 2,
      retain: false,
      dup: false,
      messageId: 5,
    })
    await victim.next('pubrec')

    const thief = await town.connect('bob', { clientId: 'phone', clean: false })
    const clean = await town.connect('carol', { clientId: 'phone', clean: true })
    for (const options of [
      { username: 'alice', password: 'wrong' },
      { username: 'alice', password: town.token('bob') },
      { username: 'bob', password: town.token('alice') },
    ]) {
      const stranger = await town.open()
      expect(await stranger.connect({ ...options, clientId: 'phone', clean: true })).toBe(4)
    }
    victim.send({
      cmd: 'publish',
      topic: 'rooms/kitchen/send',
      payload: 'once',
      qos: 2,
      retain: false,
      dup: true,
      messageId: 5,
    })
    await victim.next('pubrec')
    victim.send({ cmd: 'pubrel', messageId: 5 })
    await victim.next('pubcomp')
    await Promise.all([victim.ping(), thief.ping(), clean.ping()])
    expect(victim.texts('kitchen')).toEqual(['once'])
    expect([...thief.messages, ...clean.messages]).toEqual([])
    expect((await town.log('kitchen', 'alice')).filter(({ text }) => text === 'once')).toHaveLength(1)
  })

  test('[AUTH3] a newer connection of the same device takes the place of the older', async () => {
    const older = await town.connect('alice', { clientId: 'phone' })
    await older.subscribe('rooms/kitchen/messages')
    const newer = await town.connect('alice', { clientId: 'phone', transport: 'websocket' })
    await closedSoon(older)
    await newer.publish('rooms/kitchen/send', 'taken over')
    expect(newer.messages).toEqual([])
  })

  test('[AUTH1] names and tokens must belong together, and passwords are not tokens', async () => {
    const tries: ConnectOptions[] = [
      {},
      { username: 'alice' },
      { username: 'alice', password: '' },
      { username: 'alice', password: 'nine blue herons at dusk' },
      { username: '', password: town.token('alice') },
      { username: 'Alice', password: town.token('alice') },
    ]
    for (const options of tries) {
      const client = await town.open()
      expect([4, 5]).toContain(await client.connect(options))
      await closedSoon(client)
    }
  })

  test('[LIM2] guessing is answered with 5 after ten failures; a good token is let in all the same', async () => {
    const codes: number[] = []
    for (let i = 0; i < 12; i++) {
      const client = await town.open()
      codes.push(await client.connect({ username: 'alice', password: `guess ${i}` }))
    }
    expect(codes.at(-1)).toBe(5)
    await (await town.connect('alice')).ping()
  })

  test('[AUTH4] too many connections are refused with 3, a takeover is not one too many', async () => {
    const own: RawClient[] = []
    for (let i = 0; i < 20; i++) own.push(await town.connect('alice', { clientId: `a${i}` }))
    expect(
      await (await town.open()).connect({ username: 'alice', password: town.token('alice'), clientId: 'a20' }),
    ).toBe(3)
    own[3] = await town.connect('alice', { clientId: 'a3' })
    const others = ['bob', 'carol'].flatMap((user) => Array.from({ length: 20 }, (_, i) => [user, i] as const))
    for (const [user, i] of others) own.push(await town.connect(user, { clientId: `x${i}` }))
    expect(own).toHaveLength(PER_ADDRESS)
    await own[5]?.disconnect()
    await own[45]?.disconnect()
    await town.connect('alice', { clientId: 'again' })
    await town.connect('carol', { clientId: 'again' })
    for (const client of own) if (!client.isClosed) await client.ping()
  })

  test('[AUTH4] many who come at once are let in up to the limit', async () => {
    const codes = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const client = await town.open(TRANSPORTS[i % 2])
        return client.connect({ username: 'bob', password: town.token('bob'), clientId: `b${i}` })
      }),
    )
    expect(codes.filter((code) => code === 0)).toHaveLength(20)
    expect(codes.filter((code) => code === 3)).toHaveLength(20)
  })
})

describe('subscriptions', () => {
  const filters = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => `rooms/kitchen/presence/user-${from + i}`)

  test('[LIM3] a hundred filters in a packet and 500 on a connection, the rest gets 0x80', async () => {
    const alice = await town.connect('alice')
    const first = await alice.subscribe(['rooms/kitchen/messages', ...filters(0, 119)])
    expect(first).toEqual([...Array(100).fill(0), ...Array(20).fill(128)])
    for (let i = 1; i < 5; i++) expect(await alice.subscribe(filters(i * 1_000, 100))).toEqual(Array(100).fill(0))
    expect(await alice.subscribe([...filters(9_000, 3), 'rooms/kitchen/messages'])).toEqual([128, 128, 128, 0])
    await alice.unsubscribe(...filters(1_000, 2))
    expect(await alice.subscribe(filters(9_000, 3))).toEqual([0, 0, 128])
    await alice.publish('rooms/kitchen/send', 'still heard')
    await alice.message(({ text }) => text.includes('still heard'))
  })

  test('[LIM3] also when thousands are asked for in one write', async () => {
    const alice = await town.connect('alice')
    const packets = Array.from({ length: 60 }, (_, i) => {
      const subscriptions = filters(i * 100, 100).map((topic) => ({ topic, qos: 0 as const }))
      return generate({ cmd: 'subscribe', messageId: i + 1, subscriptions })
    })
    alice.send(Buffer.concat(packets))
    let granted = 0
    for (let i = 1; i <= 60; i++) {
      const answer = (await alice.next('suback', (packet) => packet.messageId === i)) as unknown as {
        granted: number[]
      }
      granted += answer.granted.filter((code) => code < 128).length
    }
    expect(granted).toBe(500)
  })
})

describe('QoS 2', () => {
  test('[REJ2] more than a hundred publishes in flight close the connection', async () => {
    const alice = await town.connect('alice')
    for (let messageId = 1; messageId <= 120; messageId++) {
      alice.send({
        cmd: 'publish',
        topic: 'rooms/kitchen/mark',
        payload: '{"read":1}',
        qos: 2,
        retain: false,
        dup: false,
        messageId,
      })
    }
    await closedSoon(alice)
  })

  test('[MQTT-4.3.3] acknowledgements of nothing are answered or ignored', async () => {
    const alice = await town.connect('alice')
    alice.send({ cmd: 'pubrel', messageId: 77 })
    await alice.next('pubcomp')
    for (const cmd of ['puback', 'pubrec', 'pubcomp'] as const) alice.send({ cmd, messageId: 78 })
    await alice.publish('rooms/kitchen/mark', '{"read":1}')
  })
})

describe('at last', () => {
  test('[LIM5] who does not say CONNECT within 10 s is closed, however many there are, and nobody else notices', async () => {
    const bystander = await town.connect('bob', { clientId: 'bystander' })
    const began = performance.now()
    const silent = await Promise.all(Array.from({ length: 60 }, (_, i) => town.open(TRANSPORTS[i % 2])))
    const dripping = await Promise.all(Array.from({ length: 10 }, (_, i) => town.open(TRANSPORTS[i % 2])))
    const connect = generate(connectPacket({ username: 'alice', password: town.token('alice') }))
    dripping.forEach((client, i) => {
      let sent = 0
      const drip = setInterval(() => client.send(connect.subarray(sent, ++sent)), 500 + i)
      void client.closed.then(() => clearInterval(drip))
    })
    let slowest = 0
    const pings = setInterval(() => {
      const asked = performance.now()
      void bystander.ping().then(() => {
        slowest = Math.max(slowest, performance.now() - asked)
      })
    }, 100)
    await Promise.all([...silent, ...dripping].map((client) => client.closed))
    clearInterval(pings)
    await bystander.ping()
    expect(performance.now() - began).toBeGreaterThan(9_500)
    expect(performance.now() - began).toBeLessThan(13_000)
    expect(slowest).toBeLessThan(250)
  })

  test('[P7] noise before and after login crashes nothing and is no error of ours', async () => {
    const random = createRandom()
    const noise = () => Buffer.from(Array.from({ length: random.between(1, 60) }, () => random.between(0, 255)))
    const good = (): Buffer[] => [
      generate({ cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: 'rooms/+/#', qos: 1 }] }),
      generate({
        cmd: 'publish',
        topic: 'rooms/kitchen/mark',
        payload: '{"read":1}',
        qos: 1,
        retain: false,
        dup: false,
        messageId: 4,
      }),
      generate({ cmd: 'unsubscribe', messageId: 5, unsubscriptions: ['rooms/+/#'] }),
      generate({ cmd: 'pubrel', messageId: 6 }),
    ]
    const mangled = (): Buffer => {
      const bytes = Buffer.concat(good())
      for (let i = random.between(1, 6); i > 0; i--) bytes[random.between(0, bytes.length - 1)] = random.between(0, 255)
      return bytes
    }
    for (let round = 0; round < 40; round++) {
      await Promise.all(
        Array.from({ length: 10 }, async (_, i) => {
          const transport = i % 2 === 0 ? 'tcp' : 'websocket'
          const client =
            i < 5 ? await town.open(transport) : await town.connect('carol', { transport, clientId: `n${i}` })
          if (i < 2)
            client.send(
              generate(connectPacket({ username: 'carol', password: 'x' })).subarray(0, random.between(1, 20)),
            )
          client.send(random.between(0, 1) === 0 ? noise() : mangled())
          client.send({ cmd: 'pingreq' })
          await Promise.race([
            client.closed,
            client.next('pingresp').catch(() => undefined),
            client.next('connack').catch(() => undefined),
            town.request('GET', '/health/live'),
          ])
          client.destroy()
        }),
      )
    }
    await (await town.connect('alice')).publish('rooms/kitchen/send', 'all is well')
    const errors = town.product.log.filter(
      (line) => /"level":(50|60)/.test(line) || /unhandled|uncaught|TypeError/i.test(line),
    )
    expect(errors).toEqual([])
  }, 60_000)
})
