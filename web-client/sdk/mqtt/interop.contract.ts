import { randomUUID } from 'node:crypto'
import { connectAsync, type MqttClient as Peer } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  type Clock,
  type CloseReason,
  createMqttClient,
  createWebSocketTransport,
  type MqttClient,
  type MqttClientOptions,
} from './index.ts'
import { FakeClock } from './test/fake-clock.ts'
import { nodeClock } from './test/node-clock.ts'

/** A real broker that lets everybody do everything; `stop` closes every connection. */
export type TestBroker = { url: string; stop(): Promise<void> }

type Message = { topic: string; payload: Buffer; qos: number; retain: boolean }

/** Our client with everything it received; `take` waits for the next `count` messages. */
export type Connected = {
  client: MqttClient
  closed: Promise<CloseReason>
  take(count: number): Promise<Message[]>
}

function createInbox() {
  const messages: Message[] = []
  let arrived = (): void => {}
  return {
    put(message: Message): void {
      messages.push(message)
      arrived()
    },
    async take(count: number): Promise<Message[]> {
      while (messages.length < count) {
        await new Promise<void>((resolve) => {
          arrived = resolve
        })
      }
      return messages.splice(0, count)
    },
  }
}

/** A client of ours at `url`, not yet connected. */
export function makeClient(
  url: string,
  connect: Partial<MqttClientOptions['connect']> = {},
  clock: Clock = nodeClock,
): Connected {
  const { put, take } = createInbox()
  let reportClose: (reason: CloseReason) => void
  const closed = new Promise<CloseReason>((resolve) => {
    reportClose = resolve
  })
  const client = createMqttClient({
    openTransport: createWebSocketTransport(WebSocket, url),
    connect: { clientId: randomUUID(), ...connect },
    clock,
    onMessage: (topic, payload, { qos, retain }) => put({ topic, payload: Buffer.from(payload), qos, retain }),
    onClose: (reason) => reportClose(reason),
  })
  return { client, closed, take }
}

/** What our client and MQTT.js say to each other through a broker. */
export function describeInterop(name: string, startBroker: () => Promise<TestBroker>): void {
  describe(`through ${name}, with MQTT.js as peer`, () => {
    let broker: TestBroker
    const ours: MqttClient[] = []
    const peers: Peer[] = []

    beforeAll(async () => {
      broker = await startBroker()
    })
    afterEach(async () => {
      for (const client of ours.splice(0)) client.close()
      await Promise.all(peers.splice(0).map((peer) => peer.endAsync(true)))
    })
    afterAll(() => broker.stop())

    async function connect(options: Partial<MqttClientOptions['connect']> = {}, clock?: Clock): Promise<Connected> {
      const made = makeClient(broker.url, options, clock)
      ours.push(made.client)
      await made.client.connect()
      return made
    }

    /** A peer whose `take` waits for the next `count` messages. */
    async function connectPeer(...filters: string[]) {
      const peer = await connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 0 })
      peers.push(peer)
      const { put, take } = createInbox()
      peer.on('message', (topic, payload, { qos, retain }) => put({ topic, payload, qos, retain }))
      if (filters.length) await peer.subscribeAsync(filters, { qos: 1 })
      return { peer, take }
    }

    const contents: [what: string, payload: Buffer][] = [
      ['nothing', Buffer.alloc(0)],
      ['text of many scripts', Buffer.from('Grüße, 世界, שלום, 👩‍👩‍👧 \ufeff\u0000')],
      ['every byte', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
      ['900,000 bytes', Buffer.alloc(900_000, 'tidings ')],
    ]
    describe.each([0, 1] as const)('at QoS %i', (qos) => {
      test.each(contents)('[MQTT-3.3] both ways: %s', async (_what, payload) => {
        const { client, take } = await connect()
        const far = await connectPeer('to/peer/ü🌊')
        await client.subscribe([{ filter: 'to/us/+', qos }])
        await client.publish('to/peer/ü🌊', payload, qos)
        await far.peer.publishAsync('to/us/ü🌊', payload, { qos })
        const [[atPeer], [atUs]] = await Promise.all([far.take(1), take(1)])
        expect(atPeer).toMatchObject({ topic: 'to/peer/ü🌊', qos, retain: false })
        expect(atUs).toMatchObject({ topic: 'to/us/ü🌊', qos, retain: false })
        expect(atPeer?.payload.equals(payload)).toBe(true)
        expect(atUs?.payload.equals(payload)).toBe(true)
      })

      test('[P2] two thousand messages each way keep their order, none lost, none twice', async () => {
        const { client, take } = await connect()
        const far = await connectPeer('order/peer')
        await client.subscribe([{ filter: 'order/us', qos }])
        const numbers = Array.from({ length: 2000 }, (_, at) => `${at}`)
        await Promise.all([
          ...numbers.map((text) => client.publish('order/peer', text, qos)),
          ...numbers.map((text) => far.peer.publishAsync('order/us', text, { qos })),
        ])
        const [atPeer, atUs] = await Promise.all([far.take(2000), take(2000)])
        expect(atPeer.map(({ payload }) => `${payload}`)).toEqual(numbers)
        expect(atUs.map(({ payload }) => `${payload}`)).toEqual(numbers)
      })
    })

    test('[MQTT-3.3.1-8] a retained message says so', async () => {
      const far = await connectPeer()
      const topic = `state/${randomUUID()}`
      await far.peer.publishAsync(topic, 'kept', { qos: 1, retain: true })
      const { client, take } = await connect()
      expect(await client.subscribe([{ filter: topic, qos: 1 }])).toEqual([1])
      expect(await take(1)).toMatchObject([{ topic, retain: true }])
    })

    test('[MQTT-3.10.4-1] after unsubscribe nothing more comes', async () => {
      const { client, take } = await connect()
      const filters = ['gone/#', 'still/here']
      expect(await client.subscribe(filters.map((filter) => ({ filter, qos: 1 })))).toEqual([1, 1])
      await client.unsubscribe(['gone/#'])
      await client.publish('gone/1', 'x', 1)
      await client.publish('still/here', 'y', 1)
      expect(await take(1)).toMatchObject([{ topic: 'still/here' }])
    })

    test('[B13] a subscription made before the CONNACK holds, without a round trip of its own', async () => {
      const { client, take } = makeClient(broker.url)
      ours.push(client)
      const all = [client.connect(), client.subscribe([{ filter: 'early/bird', qos: 1 }])]
      const published = client.publish('early/bird', 'worm', 1)
      expect((await Promise.all(all))[1]).toEqual([1])
      await published
      expect(`${(await take(1))[0]?.payload}`).toBe('worm')
    })

    test('[A3] the keepalive ping and ping() are answered', async () => {
      const clock = new FakeClock()
      const { client, closed } = await connect({}, clock)
      clock.advance(45_000)
      expect(await client.ping(5_000)).toBe(0)
      clock.advance(25_000)
      expect(await client.ping(5_000)).toBe(0)
      client.close()
      expect(await closed).toEqual({ kind: 'closed' })
      expect(clock.armed).toBe(0)
    })

    test('[MQTT-3.1.2-8] the will comes when the connection is taken over, [MQTT-3.14.4-3] but not after close()', async () => {
      const far = await connectPeer('will/#')
      const will = (topic: string) => ({ will: { topic, payload: 'gone', qos: 1 as const } })
      const polite = await connect(will('will/polite'))
      polite.client.close()
      const first = await connect({ clientId: 'taken-over', ...will('will/broken') })
      await connect({ clientId: 'taken-over' })
      expect(await first.closed).toEqual({ kind: 'lost' })
      expect(await far.take(1)).toMatchObject([{ topic: 'will/broken' }])
      await far.peer.publishAsync('will/end', '', { qos: 1 })
      expect(await far.take(1)).toMatchObject([{ topic: 'will/end' }])
    })

    test('[P3] when the broker stops, what is open is rejected and the connection is lost', async () => {
      const own = await startBroker()
      const { client, closed } = makeClient(own.url)
      await client.connect()
      await client.publish('t', 'before', 1)
      await own.stop()
      expect(await closed).toEqual({ kind: 'lost' })
      await expect(client.publish('t', 'after', 1)).rejects.toMatchObject({ reason: { kind: 'lost' } })
    })
  })
}
