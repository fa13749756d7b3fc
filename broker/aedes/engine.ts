/**
 * The only place that knows Aedes. It speaks the protocol (CONNECT, SUBSCRIBE, UNSUBSCRIBE, acknowledgements); what
 * clients ask for is handed to `EngineHooks`, and every protection that Aedes lacks stands in front of it here.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Aedes } from 'aedes'
import mqttPacket from 'mqtt-packet'
import { MAX_KEEPALIVE_SECONDS, MAX_QOS2_IN_FLIGHT } from '../../protocol/limits.ts'
import type { Outlet } from '../outlet.ts'
import type { Wire } from '../wire/wire.ts'
import type { AedesStream } from './aedes-stream.ts'
import { type AedesClient, AttachedLink, type ConnectRequest, type Link } from './attached-link.ts'
import { createSessionState } from './session-state.ts'
import { silentEmitter } from './silent-emitter.ts'
import { CONNECT, findViolation, PINGREQ, PUBACK, PUBREL } from './validate-packet.ts'

export type PublishPacket = {
  topic: string
  payload: Buffer
  qos: 0 | 1 | 2
  dup: boolean
  packetId?: number
  will: boolean
}
/** CONNACK return codes of MQTT 3.1.1 section 3.2.2.3. */
export type ConnackCode = 2 | 3 | 4 | 5
export type Granted = { topic: string; qos: 0 | 1 }

/** No hook may throw; the engine treats a rejection as `unavailable` all the same. */
export interface EngineHooks<Client> {
  /** Who is it? A client, or the CONNACK code of the refusal. */
  connect(link: Link, request: ConnectRequest): Promise<Client | ConnackCode>
  /** Resolves when the packet may be acknowledged. */
  publish(client: Client, packet: PublishPacket): Promise<void>
  /** May the filter be granted? Called for each before the SUBACK; `place` counts within the packet, from 0. */
  mayHave(client: Client, topic: string, place: number): Promise<boolean>
  /** After the SUBACK was written. */
  subscribed(client: Client, granted: Granted[]): void
  unsubscribed(client: Client, topics: string[]): void
  acknowledged(client: Client, packetId: number): void
  drained(client: Client): void
  closed(client: Client, reason: string): void
}

export type EngineOptions = {
  maxPacketBytes: number
  maxPacketBytesBeforeConnect: number
  maxUnsentBytes: number
  connectTimeoutMs: number
  onWarning(what: string, fields: Record<string, unknown>): void
}

export interface Engine {
  /** Speaks MQTT over a wire. */
  attach(wire: Wire): void
  /**
   * Reads nothing more and lets no will out: the server is going, not the clients. Resolves when what was read is
   * acknowledged, or after `limitMs`.
   */
  quiesce(limitMs: number): Promise<void>
  close(): Promise<void>
}

// Otherwise 6 MB of two-byte buffers are kept, to save making one per acknowledgement.
mqttPacket.writeToStream.cacheNumbers = false

const PINGRESP = Buffer.from([0xd0, 0x00])
const UNACCEPTABLE_VERSION = Buffer.from([0x20, 0x02, 0x00, 0x01])

type Packet = {
  topic: string
  payload: Buffer | string
  qos: 0 | 1 | 2
  dup?: boolean
  retain: boolean
  messageId?: number
}

export async function createEngine<Client>(hooks: EngineHooks<Client>, options: EngineOptions): Promise<Engine> {
  const attached = new WeakMap<object, AttachedLink<Client>>()
  const live = new Set<AttachedLink<Client>>()
  let willsSilenced = false
  let underWay = 0
  let onIdle: (() => void) | undefined
  let nextId = 1

  const of = (client: object | null): AttachedLink<Client> | undefined =>
    client === null ? undefined : attached.get((client as { conn: object }).conn)

  const broker = (await Aedes.createBroker({
    mq: silentEmitter,
    persistence: createSessionState(() => {}),
    concurrency: 0,
    drainTimeout: 0,
    heartbeatInterval: 24 * 3600_000,
    connectTimeout: options.connectTimeoutMs,
    maxInflightInbound: MAX_QOS2_IN_FLIGHT,
    // Every topic beyond our own is answered with a code, so Aedes need not close for its depth first.
    maxTopicLevels: 100,

    preConnect(client, packet, done) {
      const link = of(client)
      if (link === undefined) return done(new Error('unknown connection'), false)
      link.request = {
        clientId: packet.clientId,
        clean: packet.clean === true,
        username: packet.username,
        password: packet.password,
      }
      // A name of its own for each connection: Aedes' takeover, and what a failed login does to the state of a client
      // id, then concern nobody else. Sessions are forced clean; durable subscriptions are cursors.
      packet.clientId = `c${nextId++}`
      packet.clean = true
      packet.keepalive = Math.min(packet.keepalive || MAX_KEEPALIVE_SECONDS, MAX_KEEPALIVE_SECONDS)
      done(null, true)
    },

    authenticate(client, _username, _password, done) {
      const link = of(client)
      if (link?.request === undefined) return done(Object.assign(new Error('no request'), { returnCode: 3 }), false)
      guard(hooks.connect(link, link.request)).then((result) => {
        link.request = undefined // a password is not kept longer than it is needed
        if (typeof result === 'object' && result !== null) {
          link.client = result as Client
          link.framer.maxPacketBytes = options.maxPacketBytes
          if (live.has(link)) return done(null, true)
          return hooks.closed(link.client, 'gone before the CONNACK')
        }
        const code = typeof result === 'number' ? result : 3
        link.reason = `refused with code ${code}`
        done(Object.assign(new Error('refused'), { returnCode: code }), false)
      })
    },

    authorizePublish(client, raw, done) {
      const packet = raw as unknown as Packet
      const link = of(client)
      packet.retain = false
      if (link?.client === undefined) return done(null)
      const will = link.aedes?.will === (raw as object)
      if (will && willsSilenced) return done(new Error('server is closing'))
      const id = packet.qos === 2 ? packet.messageId : undefined
      const running = id === undefined ? undefined : link.unreleased.get(id)
      const walk = running ?? guard(hooks.publish(link.client, publishOf(packet, will)))
      if (id !== undefined && running === undefined) link.unreleased.set(id, walk as Promise<void>)
      underWay++
      walk.then(() => {
        done(null)
        if (--underWay === 0) onIdle?.()
      })
    },

    authorizeSubscribe(client, subscription, done) {
      const link = of(client)
      if (link?.client === undefined) return done(null, null)
      const place = (subscription as { place?: number }).place ?? 0
      guard(hooks.mayHave(link.client, filterOf(subscription.topic), place)).then((yes) =>
        done(null, yes === true ? subscription : null),
      )
    },

    // Nothing is delivered by Aedes.
    authorizeForward: () => null,
  })) as Aedes & { handle(stream: AedesStream): AedesClient }

  /** A rejected hook is a bug of ours: said, and treated as a no. */
  async function guard<Result>(work: Promise<Result>): Promise<Result | undefined> {
    try {
      return await work
    } catch (error) {
      options.onWarning('a hook failed', { error })
      return undefined
    }
  }

  broker.on('subscribe', (subscriptions, client) => {
    const link = of(client)
    if (link?.client === undefined || link.aedes === undefined) return
    link.aedes.subscriptions = Object.create(null) // the router's business; Aedes need not remember closures
    const granted = subscriptions.filter((one) => (one.qos as number) < 2)
    hooks.subscribed(
      link.client,
      granted.map((one) => ({ topic: filterOf(one.topic), qos: one.qos as 0 | 1 })),
    )
  })
  broker.on('unsubscribe', (topics, client) => {
    const link = of(client)
    if (link?.client !== undefined && !client.closed) hooks.unsubscribed(link.client, topics)
  })
  broker.on('clientReady', (client) => {
    const link = of(client)
    if (link !== undefined) link.ready = true // Aedes reads on by itself after this
  })
  broker.on('keepaliveTimeout', (client) => {
    const link = of(client)
    if (link !== undefined) link.reason = 'silent for 1.5 x keep-alive'
  })
  // Errors of clients end their connection, which `closed` reports.
  broker.on('clientError', () => {})
  broker.on('connectionError', () => {})
  ;(broker as unknown as NodeJS.EventEmitter).on('error', (error: unknown) => options.onWarning('aedes', { error }))

  function onPacket(link: AttachedLink<Client>, packet: Buffer): boolean {
    const violation = findViolation(packet, link.sawConnect)
    if (violation !== undefined) {
      link.abort(violation)
      return false
    }
    link.alive()
    const type = (packet[0] as number) >> 4
    if (type === PINGREQ && link.client !== undefined) {
      link.outlet.write(PINGRESP)
      return true
    }
    if (type === PUBACK && link.client !== undefined) {
      hooks.acknowledged(link.client, packet.readUInt16BE(2))
      return true
    }
    if (type === PUBREL) link.unreleased.delete(packet.readUInt16BE(2))
    if (type === CONNECT) {
      link.sawConnect = true
      if (packet[packet.indexOf('MQTT') + 4] === 5) {
        link.outlet.write(UNACCEPTABLE_VERSION)
        link.close('MQTT 5')
        return false
      }
    }
    link.enqueue(packet)
    return true
  }

  function attach(wire: Wire): void {
    const link = new AttachedLink<Client>(wire, options, hooks)
    attached.set(link.stream, link)
    live.add(link)
    wire.start({
      data(chunk) {
        const fault = link.framer.push(chunk, (packet) => onPacket(link, packet))
        if (fault !== undefined) link.abort(fault)
        else link.advance()
      },
      drain: () => link.outlet.drained(),
      close() {
        live.delete(link)
        link.outlet.close()
        link.stream.closed()
        if (link.client !== undefined) hooks.closed(link.client, link.reason)
      },
    })
    link.aedes = broker.handle(link.stream)
    link.aedes._parser.prependListener('packet', numberFilters)
  }

  const watch = watchSlowReaders(live)

  return {
    attach,
    async quiesce(limitMs) {
      willsSilenced = true
      for (const link of live) link.pause()
      if (underWay === 0) return
      await new Promise<void>((resolve) => {
        onIdle = resolve
        setTimeout(resolve, limitMs).unref()
      })
      await nextTurn() // the acknowledgements are written at its end
    },
    async close() {
      clearInterval(watch)
      await new Promise<void>((resolve) => broker.close(() => resolve()))
    },
  }
}

/**
 * Aedes asks for each filter alone; the limit is per packet ([LIM3]). It would also answer a filter that is named twice
 * only once ([MQTT-3.8.4-5]): from the second time on it gets a level in front, which no filter from the wire can have.
 */
function numberFilters(packet: { cmd: string; subscriptions?: { topic: string; place?: number }[] }): void {
  if (packet.cmd !== 'subscribe') return
  const seen = new Set<string>()
  for (const [place, subscription] of (packet.subscriptions ?? []).entries()) {
    const { topic } = subscription
    if (seen.has(topic)) subscription.topic = `${REPEATED}${place}/${topic}`
    seen.add(topic)
    subscription.place = place
  }
}

const REPEATED = '\0'
const filterOf = (marked: string): string =>
  marked.startsWith(REPEATED) ? marked.slice(marked.indexOf('/') + 1) : marked

function publishOf(packet: Packet, will: boolean): PublishPacket {
  return {
    topic: packet.topic,
    payload: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
    qos: packet.qos,
    dup: packet.dup === true,
    ...(packet.qos > 0 && packet.messageId !== undefined && { packetId: packet.messageId }),
    will,
  }
}

/**
 * A slow reader cannot be heard through its full line: while bytes still leave it counts as alive; when none did for
 * its keep-alive time, Aedes' timer closes it ([P7]).
 */
function watchSlowReaders(live: Set<{ outlet: Outlet; wire: Wire; alive(): void }>): NodeJS.Timeout {
  const stuck = new WeakMap<object, number>()
  return setInterval(() => {
    for (const link of live) {
      if (!link.outlet.congested) continue
      const now = link.wire.stuck
      if (now < (stuck.get(link) ?? Number.POSITIVE_INFINITY)) link.alive()
      stuck.set(link, now)
    }
  }, 2_000).unref()
}
