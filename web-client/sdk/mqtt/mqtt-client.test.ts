// Long, as it is one subject: everything that one connection of the client may meet, from CONNECT to its end.
import { setImmediate } from 'node:timers/promises'
import type { Packet } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from './codec.ts'
import { type CloseReason, ConnectionEnded, createMqttClient, type MqttClientOptions } from './mqtt-client.ts'
import { FakeClock } from './test/fake-clock.ts'
import { FakeServer } from './test/fake-server.ts'

/** A client on a fake server and a clock that stands still, with all it reported. */
function setUp(options: Partial<MqttClientOptions> = {}) {
  const server = new FakeServer()
  const clock = new FakeClock()
  const messages: string[] = []
  const closed: CloseReason[] = []
  const client = createMqttClient({
    openTransport: server.openTransport,
    connect: { clientId: 'laptop', username: 'alice', password: 'token' },
    clock,
    onMessage: (topic, payload, { qos, retain, dup }) => {
      messages.push(`${topic} ${new TextDecoder().decode(payload)} ${qos}${retain ? 'r' : ''}${dup ? 'd' : ''}`)
    },
    onClose: (reason) => closed.push(reason),
    ...options,
  })
  return { server, clock, messages, closed, client }
}

/** The same, connected. */
async function setUpConnected(options: Partial<MqttClientOptions> = {}) {
  const all = setUp(options)
  const connected = all.client.connect()
  all.server.accept()
  await connected
  return all
}

/** What became of `promise` by now: `'pending'`, its value, or its error. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  let state: unknown = 'pending'
  const keep = (result: unknown): void => {
    state = result
  }
  promise.then(keep, keep)
  await setImmediate()
  return state
}

const ended = (kind: string) =>
  expect.objectContaining({ name: 'ConnectionEnded', reason: expect.objectContaining({ kind }) })

describe('connecting', () => {
  test('[MQTT-3.1.0-1] nothing is opened before connect(), and CONNECT is the first packet', async () => {
    const { server, client } = setUp()
    const subscribed = client.subscribe([{ filter: 'users/alice/#', qos: 1 }])
    expect(server.asked).toBe(false)
    const connected = client.connect()
    expect(server.received).toEqual([])
    server.open()
    expect(server.received.map((packet) => packet.cmd)).toEqual(['connect', 'subscribe'])
    expect(server.received[0]).toMatchObject({ clientId: 'laptop', username: 'alice', clean: true, keepalive: 50 })
    server.send({ cmd: 'connack', returnCode: 0, sessionPresent: true })
    expect(await connected).toMatchObject({ returnCode: 0, sessionPresent: true })
    server.send({ cmd: 'suback', messageId: server.of('subscribe')[0]?.messageId ?? 0, granted: [1] })
    expect(await subscribed).toEqual([1])
  })

  test('[MQTT-3.1.3] clean, keepalive and will are those of the options', async () => {
    const will = { topic: 'rooms/ops/send', payload: 'gone 🌊', qos: 1 as const }
    const { server } = await setUpConnected({ connect: { clientId: '', clean: true, keepalive: 20, will } })
    expect(server.received[0]).toMatchObject({
      clientId: '',
      keepalive: 20,
      will: { topic: 'rooms/ops/send', payload: Buffer.from('gone 🌊'), qos: 1, retain: false },
    })
    expect(server.received[0]).not.toHaveProperty('username')
  })

  test.each([1, 2, 3, 4, 5])('[MQTT-3.2.2-5] a refusal with return code %i is told apart', async (returnCode) => {
    const { server, client, closed, clock } = setUp()
    const connected = client.connect()
    server.open()
    server.send({ cmd: 'connack', returnCode, sessionPresent: false })
    await expect(connected).rejects.toMatchObject({ reason: { kind: 'refused', returnCode } })
    expect(closed).toEqual([{ kind: 'refused', returnCode }])
    expect(server.closedByClient).toBe(true)
    expect(clock.armed).toBe(0)
  })

  test('[A3] a server that accepts the socket and says nothing is given up after 20 s', async () => {
    const { server, client, clock, closed } = setUp()
    const connected = client.connect()
    server.open()
    clock.advance(19_999)
    expect(await stateOf(connected)).toBe('pending')
    clock.advance(1)
    await expect(connected).rejects.toEqual(ended('silent'))
    expect(closed).toEqual([{ kind: 'silent' }])
    expect(server.closedByClient).toBe(true)
  })

  test('[A3] a transport that never opens is given up too, one that fails at once is lost', async () => {
    const slow = setUp({ connectTimeoutMs: 700 })
    const never = slow.client.connect()
    slow.clock.advance(700)
    await expect(never).rejects.toEqual(ended('silent'))

    const failing = setUp()
    const lost = failing.client.connect()
    failing.server.drop()
    await expect(lost).rejects.toEqual(ended('lost'))
    expect(failing.clock.armed).toBe(0)
  })

  test('[MQTT-3.1.3-8] impossible options reject connect() and open nothing; an impossible address says so', async () => {
    const { server, client } = setUp({ connect: { clientId: '', clean: false } })
    await expect(client.connect()).rejects.toThrow(RangeError)
    expect(server.asked).toBe(false)

    const openTransport = () => {
      throw new SyntaxError('bad address')
    }
    await expect(setUp({ openTransport }).client.connect()).rejects.toThrow('bad address')
  })

  test('[MQTT-3.1.0-2] connect() works once, and not after close()', async () => {
    const { client, server } = await setUpConnected()
    await expect(client.connect()).rejects.toThrow(RangeError)
    expect(server.of('connect')).toHaveLength(1)

    const unused = setUp()
    unused.client.close()
    await expect(unused.client.connect()).rejects.toEqual(ended('closed'))
    expect(unused.server.asked).toBe(false)
    expect(unused.closed).toEqual([])
  })

  test('[MQTT-3.2.0-1] any packet before CONNACK, and a second CONNACK, end the connection', async () => {
    const early = setUp()
    const connected = early.client.connect()
    early.server.open()
    early.server.send({ cmd: 'publish', topic: 't', payload: 'x', qos: 0, retain: false, dup: false })
    await expect(connected).rejects.toEqual(ended('protocol'))
    expect(early.messages).toEqual([])

    const twice = await setUpConnected()
    twice.server.send({ cmd: 'connack', returnCode: 0, sessionPresent: false })
    expect(twice.closed).toEqual([{ kind: 'protocol', error: expect.any(ProtocolError) }])
  })
})

describe('publishing', () => {
  test('[MQTT-3.3.1] messages wait for the CONNACK and go out in the order of calls, whatever the QoS', async () => {
    const { server, client } = setUp()
    const all = [client.publish('t', 'a', 1), client.publish('t', 'b', 0), client.publish('t', 'c', 1)]
    const connected = client.connect()
    server.open()
    expect(server.of('publish')).toEqual([])
    server.send({ cmd: 'connack', returnCode: 0, sessionPresent: false })
    await connected
    expect(server.of('publish').map(({ payload, qos }) => `${payload}${qos}`)).toEqual(['a1', 'b0', 'c1'])
    await all[1]
    expect(await stateOf(all[0] as Promise<void>)).toBe('pending')
    for (const { messageId } of server.of('publish')) if (messageId) server.send({ cmd: 'puback', messageId })
    await Promise.all(all)
  })

  test('[MQTT-4.6.0] at most 16 messages are unacknowledged; the rest follow in order, one for each PUBACK', async () => {
    const { server, client } = await setUpConnected()
    const done: number[] = []
    const all = Array.from({ length: 50 }, (_, at) => client.publish('t', `${at}`, 1).then(() => done.push(at)))
    expect(server.of('publish')).toHaveLength(16)
    for (let acknowledged = 0; acknowledged < 50; acknowledged++) {
      expect(server.of('publish')).toHaveLength(Math.min(16 + acknowledged, 50))
      server.send({ cmd: 'puback', messageId: server.of('publish')[acknowledged]?.messageId ?? 0 })
    }
    await Promise.all(all)
    expect(done).toEqual(Array.from({ length: 50 }, (_, at) => at))
    expect(server.of('publish').map(({ payload }) => Number(payload))).toEqual(done)
  })

  test('[MQTT-4.6.0] the window may be set; acknowledgements may come in any order', async () => {
    const { server, client } = await setUpConnected({ window: 2 })
    const [a, b, c] = ['a', 'b', 'c'].map((text) => client.publish('t', text, 1))
    expect(server.of('publish')).toHaveLength(2)
    server.send({ cmd: 'puback', messageId: server.of('publish')[1]?.messageId ?? 0 })
    await b
    expect(await stateOf(a as Promise<void>)).toBe('pending')
    server.send({ cmd: 'puback', messageId: server.of('publish')[2]?.messageId ?? 0 })
    await c
    server.send({ cmd: 'puback', messageId: server.of('publish')[0]?.messageId ?? 0 })
    await a
  })

  test('[MQTT-2.3.1-4] packet ids wrap past 65535, skip those in use and are never 0', async () => {
    const { server, client } = await setUpConnected()
    const waiting = client.publish('t', 'slow', 1)
    const used = new Set<number>()
    for (let round = 0; round < 0x1_0003; round++) {
      const published = client.publish('t', '', 1)
      const messageId = server.of('publish').at(-1)?.messageId ?? 0
      server.received.length = 0
      used.add(messageId)
      server.send({ cmd: 'puback', messageId })
      await published
    }
    expect(used.has(0)).toBe(false)
    expect(used.has(1)).toBe(false)
    expect(used.size).toBe(0xfffe)
    server.send({ cmd: 'puback', messageId: 1 })
    await waiting
  })

  test('[MQTT-2.3.1-2] a message too many is refused when every packet id is taken', async () => {
    const { server, client } = await setUpConnected()
    const all = Array.from({ length: 0xffff }, () => client.publish('t', '', 1))
    await expect(client.publish('t', '', 1)).rejects.toThrow(RangeError)
    const closing = Promise.allSettled(all)
    server.drop()
    expect((await closing).every(({ status }) => status === 'rejected')).toBe(true)
  })

  test('[MQTT-3.3.2-2] an impossible topic rejects its own promise and nothing else', async () => {
    const { server, client, closed } = await setUpConnected()
    await expect(client.publish('rooms/#', 'x', 1)).rejects.toThrow(RangeError)
    await expect(client.subscribe([])).rejects.toThrow(RangeError)
    await expect(client.unsubscribe(['a#'])).rejects.toThrow(RangeError)
    await client.publish('t', 'fine', 0)
    expect(server.of('publish').map(({ payload }) => `${payload}`)).toEqual(['fine'])
    expect(closed).toEqual([])
  })

  test('[P3] the content is taken when publish is called', async () => {
    const { server, client } = setUp()
    const bytes = Uint8Array.of(1, 2, 3)
    const published = client.publish('t', bytes, 0)
    bytes.fill(9)
    const connected = client.connect()
    server.accept()
    await Promise.all([connected, published])
    expect(server.of('publish')[0]?.payload).toEqual(Buffer.from([1, 2, 3]))
  })

  const unexpected: [what: string, packet: Packet][] = [
    ['a PUBACK for nothing', { cmd: 'puback', messageId: 9 }],
    ['a PUBACK for a message that still waits for the window', { cmd: 'puback', messageId: 2 }],
    ['a SUBACK for a message', { cmd: 'suback', messageId: 1, granted: [0] }],
    ['a PINGRESP for nothing', { cmd: 'pingresp' }],
  ]
  test.each(unexpected)('[MQTT-4.8.0-1] %s ends the connection', async (_what, packet) => {
    const { server, client, closed } = await setUpConnected({ window: 1 })
    const all = Promise.allSettled([client.publish('t', 'a', 1), client.publish('t', 'b', 1)])
    server.send(packet)
    expect(await all).toEqual([
      { status: 'rejected', reason: ended('protocol') },
      { status: 'rejected', reason: ended('protocol') },
    ])
    expect(closed).toHaveLength(1)
    expect(server.closedByClient).toBe(true)
  })
})

describe('subscribing', () => {
  test('[MQTT-3.9.3-1] each filter has its own code, 0x80 for a refused one; UNSUBACK ends unsubscribe', async () => {
    const { server, client } = await setUpConnected()
    const subscribed = client.subscribe([
      { filter: 'rooms/+/messages', qos: 1 },
      { filter: '#', qos: 0 },
    ])
    expect(server.of('subscribe')[0]?.subscriptions).toMatchObject([
      { topic: 'rooms/+/messages', qos: 1 },
      { topic: '#', qos: 0 },
    ])
    server.send({ cmd: 'suback', messageId: 1, granted: [1, 0x80] })
    expect(await subscribed).toEqual([1, 0x80])
    const unsubscribed = client.unsubscribe(['rooms/+/messages'])
    expect(server.of('unsubscribe')[0]?.unsubscriptions).toEqual(['rooms/+/messages'])
    server.send({ cmd: 'unsuback', messageId: 2, granted: [] })
    await unsubscribed
  })

  test('[MQTT-3.8.4-5] a SUBACK with another number of codes ends the connection', async () => {
    const { server, client } = await setUpConnected()
    const subscribed = client.subscribe([{ filter: 'a', qos: 1 }])
    server.send({ cmd: 'suback', messageId: 1, granted: [1, 1] })
    await expect(subscribed).rejects.toEqual(ended('protocol'))
  })
})

describe('receiving', () => {
  const publish = (payload: string, more: object = {}) =>
    ({ cmd: 'publish', topic: 'rooms/ops/messages', payload, qos: 0, retain: false, dup: false, ...more }) as const

  test('[MQTT-4.6.0-2] messages come in order with their flags, and QoS 1 is acknowledged after onMessage, in order', async () => {
    const order: string[] = []
    const { server } = await setUpConnected({
      onMessage: (topic, payload, { qos, retain, dup }) => {
        const acknowledged = server.of('puback').length
        order.push(`${topic} ${Buffer.from(payload)} ${qos} ${retain} ${dup} after ${acknowledged}`)
      },
    })
    server.send(publish('a', { qos: 1, messageId: 7, dup: true }))
    server.send(publish('b', { retain: true }))
    server.send(publish('c ü🌊', { qos: 1, messageId: 3 }))
    expect(order).toEqual([
      'rooms/ops/messages a 1 false true after 0',
      'rooms/ops/messages b 0 true false after 1',
      'rooms/ops/messages c ü🌊 1 false false after 1',
    ])
    expect(server.of('puback').map(({ messageId }) => messageId)).toEqual([7, 3])
  })

  test('[P1] a message that onMessage throws on is not acknowledged, and the connection ends with what it threw', async () => {
    const error = new Error('storage is full')
    const { server, closed } = await setUpConnected({
      onMessage: () => {
        throw error
      },
    })
    server.send(publish('a', { qos: 1, messageId: 7 }))
    expect(server.of('puback')).toEqual([])
    expect(closed).toEqual([{ kind: 'handler', error }])
    expect(server.closedByClient).toBe(true)
  })

  test('[MQTT-3.14.4-2] after close() inside onMessage nothing more is handed over or acknowledged', async () => {
    const seen: string[] = []
    const all = await setUpConnected({
      onMessage: (_topic, payload) => {
        seen.push(`${Buffer.from(payload)}`)
        all.client.close()
      },
    })
    all.server.sendBytes(Uint8Array.of(0x32, 6, 0, 1, 97, 0, 7, 49, 0x30, 4, 0, 1, 97, 50))
    expect(seen).toEqual(['1'])
    expect(all.server.received.map((packet) => packet.cmd)).toEqual(['connect', 'disconnect'])
    expect(all.closed).toEqual([{ kind: 'closed' }])
  })

  test('[P7] a packet above the limit, or garbage, ends the connection once; later bytes are ignored', async () => {
    const { server, closed, messages } = await setUpConnected({ maxPacketBytes: 100 })
    server.sendBytes(Uint8Array.of(0x30, 101))
    server.send(publish('late'))
    server.drop()
    expect(closed).toEqual([{ kind: 'protocol', error: expect.any(ProtocolError) }])
    expect(messages).toEqual([])
  })
})

describe('liveness', () => {
  test('[A3] an idle connection pings within each keepalive of 50 s and lives as long as it is answered', async () => {
    const { server, clock, closed } = await setUpConnected()
    for (let pings = 1; pings <= 10; pings++) {
      clock.advance(44_999)
      expect(server.of('pingreq')).toHaveLength(pings - 1)
      clock.advance(1)
      expect(server.of('pingreq')).toHaveLength(pings)
      server.send({ cmd: 'pingresp' })
    }
    expect(closed).toEqual([])
  })

  test('[B26] a half-open connection is found within 1.5 keepalives: closed, everything rejected, no timer left', async () => {
    const { server, client, clock, closed } = await setUpConnected()
    const published = client.publish('t', 'into the void', 1)
    const subscribed = client.subscribe([{ filter: 'a', qos: 0 }])
    clock.advance(69_999)
    expect(await stateOf(published)).toBe('pending')
    clock.advance(1)
    expect(clock.now()).toBeLessThanOrEqual(75_000)
    await expect(published).rejects.toEqual(ended('silent'))
    await expect(subscribed).rejects.toEqual(ended('silent'))
    expect(closed).toEqual([{ kind: 'silent' }])
    expect(server.closedByClient).toBe(true)
    expect(clock.armed).toBe(0)
  })

  test('[A3] on a slow line any bytes answer a keepalive ping, even part of a packet before its PINGRESP', async () => {
    const { server, clock, closed } = await setUpConnected()
    clock.advance(45_000)
    clock.advance(24_000)
    server.sendBytes(Uint8Array.of(0x30, 100, 0))
    clock.advance(20_999)
    expect(closed).toEqual([])
    clock.advance(1)
    expect(server.of('pingreq')).toHaveLength(2)
    clock.advance(25_000)
    expect(closed).toEqual([{ kind: 'silent' }])
  })

  test('[A3] ping() gives the round trip, and ends the connection without an answer in 5 s', async () => {
    const { server, client, clock, closed } = await setUpConnected()
    const answered = client.ping(5_000)
    clock.advance(420)
    server.send({ cmd: 'pingresp' })
    expect(await answered).toBe(420)

    const unanswered = client.ping(5_000)
    clock.advance(4_999)
    expect(await stateOf(unanswered)).toBe('pending')
    clock.advance(1)
    await expect(unanswered).rejects.toEqual(ended('silent'))
    expect(closed).toEqual([{ kind: 'silent' }])
    expect(clock.armed).toBe(0)
  })

  test('[A3] late answers to earlier pings, and messages from before a sleep, do not answer a new ping', async () => {
    const { server, client, clock, closed } = await setUpConnected()
    clock.advance(45_000)
    const asked = client.ping(5_000)
    server.send({ cmd: 'pingresp' })
    server.send({ cmd: 'publish', topic: 't', payload: 'stale', qos: 0, retain: false, dup: false })
    expect(await stateOf(asked)).toBe('pending')
    clock.advance(5_000)
    await expect(asked).rejects.toEqual(ended('silent'))
    expect(closed).toEqual([{ kind: 'silent' }])
  })

  test('[MQTT-3.1.2-10] keepalive 0 never pings by itself; ping() still works', async () => {
    const { server, client, clock, closed } = await setUpConnected({ connect: { clientId: 'c', keepalive: 0 } })
    clock.advance(86_400_000)
    expect(server.of('pingreq')).toEqual([])
    const answered = client.ping(5_000)
    server.send({ cmd: 'pingresp' })
    await answered
    expect(closed).toEqual([])
  })
})

describe('ending', () => {
  test('[MQTT-3.14.4-1] close() says DISCONNECT, closes the transport, rejects what is open and everything later', async () => {
    const { server, client, clock, closed } = await setUpConnected({ window: 1 })
    const open = [
      client.publish('t', 'in flight', 1),
      client.publish('t', 'queued', 1),
      client.publish('t', 'queued', 0),
      client.subscribe([{ filter: 'a', qos: 0 }]),
      client.unsubscribe(['a']),
      client.ping(5_000),
    ]
    client.close()
    client.close()
    server.drop()
    for (const promise of open) await expect(promise).rejects.toBeInstanceOf(ConnectionEnded)
    await expect(client.publish('t', 'late', 0)).rejects.toEqual(ended('closed'))
    await expect(client.subscribe([{ filter: 'a', qos: 0 }])).rejects.toEqual(ended('closed'))
    await expect(client.ping(5_000)).rejects.toEqual(ended('closed'))
    expect(server.received.at(-1)).toMatchObject({ cmd: 'disconnect' })
    expect(server.closedByClient).toBe(true)
    expect(closed).toEqual([{ kind: 'closed' }])
    expect(clock.armed).toBe(0)
  })

  test('[P3] a dropped connection rejects what is open, in flight or queued', async () => {
    const { server, client, closed } = await setUpConnected({ window: 1 })
    const open = [client.publish('t', 'in flight', 1), client.publish('t', 'queued', 1)]
    const settled = Promise.allSettled(open)
    server.drop()
    expect(await settled).toEqual(open.map(() => ({ status: 'rejected', reason: ended('lost') })))
    expect(closed).toEqual([{ kind: 'lost' }])
  })

  test('[P7] what has not left for the network is counted', async () => {
    const { client } = await setUpConnected()
    const before = client.buffered
    await client.publish('t', 'x'.repeat(100), 0)
    expect(client.buffered - before).toBe(105)
  })
})
