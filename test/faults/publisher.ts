import { connect, type Socket } from 'node:net'
import {
  CONNACK,
  connectPacket,
  createParser,
  type Packet,
  PUBACK,
  PUBLISH,
  publishPacket,
  readPublish,
  type Will,
} from './mqtt-packets.ts'
import type { Random } from './random.ts'

const TICK_MS = 5
const RECONNECT_MS = 30
const SEND_AGAIN_MS = 200

export type PublisherOptions = {
  port: number
  user: string
  token: string
  device: string
  rooms: readonly string[]
  /** Whether the commands have ids. Without, only the DUP flag says that one was sent before. */
  named: boolean
  /** Publishes without a PUBACK at a time. With 1, a rejection that names no id is about that one. */
  window: number
  /** New publishes in 5 ms. */
  perTick?: number
  random: Random
  will?: Will
}

type Sent = {
  text: string
  number: number
  room: string
  id: string | undefined
  payload: Buffer
  refusal?: string | undefined
  notBefore?: number
}

/**
 * A member who publishes at QoS 1 and remembers what was acknowledged. After a lost connection it comes back and sends
 * again, with DUP and the same packet ids, what was not acknowledged ([MQTT-4.4.0-1]). What was rejected as
 * `unavailable` is sent again under its command id; without an id it is given up.
 */
export class Publisher {
  /** Texts that the server took. */
  readonly acknowledged = new Set<string>()
  /** Texts that were rejected for good. */
  readonly refused = new Set<string>()
  readonly #refusals = new Map<string, number>()
  readonly device: string
  readonly named: boolean
  sent = 0
  connects = 0
  /** Publishes that were sent again with DUP. */
  repeats = 0
  readonly #options: PublisherOptions
  readonly #inFlight = new Map<number, Sent>()
  #again: Sent[] = []
  #packetId = 0
  #lastAcknowledged = 0
  #socket: Socket | undefined
  #ready = false
  #publishing = false
  #ended = false
  readonly #timer: NodeJS.Timeout
  #waiters: { isSo: () => boolean; tell: () => void }[] = []

  constructor(options: PublisherOptions) {
    this.#options = options
    this.device = options.device
    this.named = options.named
    this.#timer = setInterval(() => this.#fill(), TICK_MS)
    this.#connect()
  }

  /** How often each code was the answer. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refusals
  }

  get waiting(): number {
    return this.#inFlight.size + this.#again.length
  }

  publish(): void {
    this.#publishing = true
  }

  /** Publishes nothing new; resolves when everything has its answer. */
  async finish(): Promise<void> {
    this.#publishing = false
    await this.until(() => this.waiting === 0)
  }

  /** Resolves when the server takes a message that is published from now on. */
  async nextAcknowledgement(): Promise<void> {
    const from = this.sent
    await this.until(() => this.#lastAcknowledged > from)
  }

  /** Looked at after every answer. */
  until(isSo: () => boolean): Promise<void> {
    if (isSo()) return Promise.resolve()
    return new Promise((tell) => this.#waiters.push({ isSo, tell }))
  }

  /** Goes without a DISCONNECT. */
  end(): void {
    this.#ended = true
    clearInterval(this.#timer)
    this.#socket?.destroy()
  }

  #connect(): void {
    if (this.#ended) return
    const { port, device, user, token, will } = this.#options
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket = socket
    socket.on(
      'data',
      createParser((packet) => this.#take(packet)),
    )
    socket.on('error', () => {}) // 'close' follows
    socket.on('close', () => {
      this.#ready = false
      setTimeout(() => this.#connect(), RECONNECT_MS)
    })
    socket.write(connectPacket({ clientId: device, username: user, password: token, ...(will && { will }) }))
  }

  #take(packet: Packet): void {
    if (packet.type === CONNACK) {
      if (packet.body[1] !== 0) return
      this.#ready = true
      this.connects++
      for (const [packetId, sent] of this.#inFlight) {
        sent.refusal = undefined
        this.#write(packetId, sent, true)
      }
      this.repeats += this.#inFlight.size
      this.#fill()
    } else if (packet.type === PUBLISH) this.#reject(JSON.parse(readPublish(packet).payload))
    else if (packet.type === PUBACK) this.#settle(packet.body.readUInt16BE(0))
    this.#waiters = this.#waiters.filter(({ isSo, tell }) => {
      if (!isSo()) return true
      tell()
      return false
    })
  }

  #reject(reply: { type: string; id?: string; code: string }): void {
    if (reply.type !== 'rejected') return
    for (const sent of this.#inFlight.values()) {
      if (sent.id !== reply.id || sent.refusal !== undefined) continue
      sent.refusal = reply.code
      return
    }
  }

  #settle(packetId: number): void {
    const sent = this.#inFlight.get(packetId)
    if (sent === undefined) return
    this.#inFlight.delete(packetId)
    const { refusal } = sent
    if (refusal === undefined) {
      this.acknowledged.add(sent.text)
      this.#lastAcknowledged = Math.max(this.#lastAcknowledged, sent.number)
      return
    }
    this.#refusals.set(refusal, (this.#refusals.get(refusal) ?? 0) + 1)
    if (sent.id !== undefined && refusal === 'unavailable') {
      this.#again.push({ ...sent, refusal: undefined, notBefore: Date.now() + SEND_AGAIN_MS })
    } else this.refused.add(sent.text)
  }

  #fill(): void {
    const { window, perTick = 2 } = this.#options
    for (let count = 0; this.#ready && count < perTick && this.#inFlight.size < window; count++) {
      const sent = this.#takeAgain() ?? (this.#publishing ? this.#compose() : undefined)
      if (sent === undefined) return
      do this.#packetId = (this.#packetId % 65_535) + 1
      while (this.#inFlight.has(this.#packetId))
      this.#inFlight.set(this.#packetId, sent)
      this.#write(this.#packetId, sent, false)
    }
  }

  #takeAgain(): Sent | undefined {
    const [first] = this.#again
    return first !== undefined && (first.notBefore ?? 0) <= Date.now() ? this.#again.shift() : undefined
  }

  #compose(): Sent {
    const { device, rooms, named, random } = this.#options
    const number = ++this.sent
    const text = `${device} ${number}`
    const id = named ? text.replace(' ', '-') : undefined
    const payload = Buffer.from(id === undefined ? text : JSON.stringify({ type: 'message', id, text }))
    return { text, number, room: random.pick(rooms), id, payload }
  }

  #write(packetId: number, { room, payload }: Sent, dup: boolean): void {
    this.#socket?.write(publishPacket(`rooms/${room}/send`, packetId, payload, dup))
  }
}
