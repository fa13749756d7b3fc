import { Outlet } from '../outlet.ts'
import type { Wire } from '../wire/wire.ts'
import { AedesStream } from './aedes-stream.ts'
import { Framer } from './framer.ts'

export type ConnectRequest = {
  clientId: string
  clean: boolean
  username: string | undefined
  password: Buffer | undefined
}
/** What a client of the engine is to the rest of the broker. One per connection. */
export interface Link {
  readonly wire: Wire
  readonly outlet: Outlet
  /** Reads nothing more from the client, pings and acknowledgements excepted, until `resume`. Calls nest. */
  pause(): void
  resume(): void
  close(reason: string): void
}

/** The parts of Aedes' client that the adapter touches. */
export type AedesClient = {
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
type DrainHook<Client> = { drained(client: Client): void }

/** At most so many packets are handed to Aedes at once, and so many bytes wait for their turn. */
const MAX_PACKETS_PER_READ = 256
const MAX_WAITING_BYTES = 64 * 1024
/** One wire with Aedes on it: what came in and waits, what Aedes holds, and who the client turned out to be. */
export class AttachedLink<Client> implements Link {
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
  #unreleased: Map<number, Promise<void>> | undefined
  readonly #hooks: DrainHook<Client>
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #pauses = 0
  #connectTaken = false
  #idle = true
  #wireStopped = false
  #closed = false

  constructor(
    wire: Wire,
    options: { maxPacketBytesBeforeConnect: number; maxUnsentBytes: number },
    hooks: DrainHook<Client>,
  ) {
    this.wire = wire
    this.#hooks = hooks
    this.framer = new Framer(options.maxPacketBytesBeforeConnect)
    this.outlet = new Outlet(wire, options.maxUnsentBytes, this)
    this.stream = new AedesStream(this.outlet, this)
  }

  /** The outlet was congested and is not any more. */
  onDrained(): void {
    if (this.client !== undefined) this.#hooks.drained(this.client)
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

  /** For Aedes: the next bytes, or null when there are none or reading is paused. The CONNECT alone first: Aedes drops clients that send more than 42 packets before their CONNACK. */
  take(): Buffer | null {
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
    this.finish()
  }

  /** Sends what is written and closes. */
  finish(): void {
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

  get unreleased(): Map<number, Promise<void>> {
    this.#unreleased ??= new Map()
    return this.#unreleased
  }

  alive(): void {
    this.aedes?._keepaliveTimer?.refresh()
  }
}
