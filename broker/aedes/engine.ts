/**
 * The only place that knows Aedes. It speaks the protocol (CONNECT, SUBSCRIBE, UNSUBSCRIBE, acknowledgements); what
 * clients ask for is handed to `EngineHooks`, and every protection that Aedes lacks stands in front of it here.
 */
import { Aedes } from 'aedes'
import { MAX_KEEPALIVE_SECONDS, MAX_QOS2_IN_FLIGHT } from '../../protocol/limits.ts'
import { Outlet } from '../outlet.ts'
import type { Wire } from '../wire/wire.ts'
import { AedesStream } from './aedes-stream.ts'
import { Framer } from './framer.ts'
import { createSessionState } from './session-state.ts'
import { silentEmitter } from './silent-emitter.ts'
import { CONNECT, findViolation, PINGREQ, PUBACK, PUBREL } from './validate-packet.ts'

export type ConnectRequest = {
  clientId: string
  clean: boolean
  username: string | undefined
  password: Buffer | undefined
}
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

/** What a client of the engine is to the rest of the broker. One per connection. */
export interface Link {
  readonly wire: Wire
  readonly outlet: Outlet
  /** Reads nothing more from the client, pings and acknowledgements excepted, until `resume`. Calls nest. */
  pause(): void
  resume(): void
  close(reason: string): void
}

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
  /** Lets no will out from now on: the server is going, not the clients. */
  silenceWills(): void
  close(): Promise<void>
}

/** At most so many packets are handed to Aedes at once, and so many bytes wait for their turn. */
const MAX_PACKETS_PER_READ = 256
const MAX_WAITING_BYTES = 64 * 1024
const PINGRESP = Buffer.from([0xd0, 0x00])
const UNACCEPTABLE_VERSION = Buffer.from([0x20, 0x02, 0x00, 0x01])

type AedesClient = {
  id: string
  clean: boolean
  closed: boolean
  connected: boolean
  will: object | null
  subscriptions: object
  _keepaliveTimer: NodeJS.Timeout | null
  _parser: NodeJS.EventEmitter
  close(): void
}
type Packet = {
  topic: string
  payload: Buffer | string
  qos: 0 | 1 | 2
  dup?: boolean
  retain: boolean
  messageId?: number
}

class Attached<Client> implements Link {
  readonly wire: Wire
  readonly outlet: Outlet
  readonly stream: AedesStream
  readonly framer: Framer
  aedes: AedesClient | undefined
  client: Client | undefined
  request: ConnectRequest | undefined
  /** A CONNECT has come; from `ready` on it is answered and the rest may follow. */
  sawConnect = false
  ready = false
  reason = 'closed by the client'
  /** Of QoS 2: ids between PUBLISH and PUBREL, with the walk of the first one ([MQTT-4.3.3-2]). */
  readonly unreleased = new Map<number, Promise<void>>()
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #pauses = 0
  #connectTaken = false
  #idle = true
  #wireStopped = false
  #closed = false

  constructor(wire: Wire, engine: { options: EngineOptions; drained(link: Attached<Client>): void }) {
    this.wire = wire
    this.framer = new Framer(engine.options.maxPacketBytesBeforeConnect)
    this.outlet = new Outlet(wire, engine.options.maxUnsentBytes, () => {
      this.resume()
      engine.drained(this)
    })
    this.stream = new AedesStream(
      this.outlet,
      () => this.#take(),
      () => this.#end(),
    )
  }

  enqueue(packet: Buffer): void {
    this.#waiting.push(packet)
    this.#waitingBytes += packet.length
  }

  /** After a chunk was taken apart: lets Aedes read, and stops the wire when too much waits. */
  advance(): void {
    if (this.#waitingBytes > MAX_WAITING_BYTES && !this.#wireStopped) {
      this.#wireStopped = true
      this.wire.pause()
    }
    if (this.#idle && this.#pauses === 0 && this.#waiting.length > 0) this.stream.readable()
  }

  /** The CONNECT alone first: Aedes drops clients that send more than 42 packets before their CONNACK. */
  #take(): Buffer | null {
    const mayGoOn = this.ready || !this.#connectTaken
    if (this.#closed || this.#pauses > 0 || this.#waiting.length === 0 || !mayGoOn) {
      this.#idle = true
      return null
    }
    this.#idle = false
    this.#connectTaken = true
    const packets = this.#waiting.splice(0, this.ready ? MAX_PACKETS_PER_READ : 1)
    const bytes = packets.length === 1 ? (packets[0] as Buffer) : Buffer.concat(packets)
    this.#waitingBytes -= bytes.length
    if (this.#wireStopped && this.#waitingBytes <= MAX_WAITING_BYTES) {
      this.#wireStopped = false
      this.wire.resume()
    }
    return bytes
  }

  pause(): void {
    this.#pauses++
  }

  resume(): void {
    if (this.#pauses > 0 && --this.#pauses === 0) this.advance()
  }

  close(reason: string): void {
    this.reason = reason
    this.#end()
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.outlet.flush()
    this.outlet.close()
    this.wire.end()
  }

  abort(reason: string): void {
    this.reason = reason
    this.#closed = true
    this.outlet.close()
    this.wire.destroy()
  }

  alive(): void {
    this.aedes?._keepaliveTimer?.refresh()
  }
}

export async function createEngine<Client>(hooks: EngineHooks<Client>, options: EngineOptions): Promise<Engine> {
  const attached = new WeakMap<object, Attached<Client>>()
  const live = new Set<Attached<Client>>()
  let willsSilenced = false
  let nextId = 1

  const of = (client: object | null): Attached<Client> | undefined =>
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
      walk.then(() => done(null))
    },

    authorizeSubscribe(client, subscription, done) {
      const link = of(client)
      if (link?.client === undefined) return done(null, null)
      const place = (subscription as { place?: number }).place ?? 0
      guard(hooks.mayHave(link.client, subscription.topic, place)).then((yes) =>
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
      granted.map((one) => ({ topic: one.topic, qos: one.qos as 0 | 1 })),
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

  function onPacket(link: Attached<Client>, packet: Buffer): boolean {
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
    const link = new Attached<Client>(wire, {
      options,
      drained(one) {
        if (one.client !== undefined) hooks.drained(one.client)
      },
    })
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
    silenceWills() {
      willsSilenced = true
    },
    async close() {
      clearInterval(watch)
      await new Promise<void>((resolve) => broker.close(() => resolve()))
    },
  }
}

/** Aedes asks for each filter alone; the limit is per packet ([LIM3]). */
function numberFilters(packet: { cmd: string; subscriptions?: { place?: number }[] }): void {
  if (packet.cmd !== 'subscribe') return
  for (const [place, subscription] of (packet.subscriptions ?? []).entries()) subscription.place = place
}

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
