/** An MQTT 3.1.1 client with no will of its own: packets go out as the test says, and everything that comes is kept. */
import { connect, type Socket } from 'node:net'
import { generate, type IConnectPacket, type IPublishPacket, type Packet, parser } from 'mqtt-packet'
import { WebSocket } from 'ws'

export type ConnectOptions = {
  username?: string
  password?: string
  clientId?: string
  clean?: boolean
  /** Seconds. */
  keepalive?: number
  will?: { topic: string; payload: string; qos?: 0 | 1 | 2; retain?: boolean }
  protocolVersion?: 3 | 4 | 5
}

export type Message = { topic: string; text: string; payload: Buffer; qos: number; retain: boolean; packetId?: number }

const PATIENCE_MS = 10_000

type Line = { write(bytes: Buffer): void; pause(): void; resume(): void; end(): void; destroy(): void }
type Watcher = { look(): boolean; fail(error: Error): void }

export class RawClient {
  /** PUBLISH packets in the order of arrival. */
  readonly messages: Message[] = []
  /** All other packets that nobody has waited for yet. */
  readonly packets: Packet[] = []
  /** Everything that came, in order: for tests that are about order. */
  readonly arrivals: Packet[] = []
  /** QoS 1 deliveries are acknowledged at once. */
  acknowledges = true
  isClosed = false
  /** Resolves when the server has closed the line, or we have. */
  readonly closed: Promise<void>
  readonly #line: Line
  readonly #watchers = new Set<Watcher>()
  #nextId = 1

  private constructor(open: (client: RawClient, closed: () => void) => Line) {
    let close: () => void = () => undefined
    this.closed = new Promise((resolve) => {
      close = resolve
    })
    this.#line = open(this, () => {
      this.isClosed = true
      close()
      for (const watcher of this.#watchers) watcher.fail(new Error('the connection is closed'))
    })
  }

  /** `target`: a port for TCP, an http URL for WebSocket. */
  static async open(target: number | string): Promise<RawClient> {
    return typeof target === 'number' ? RawClient.#openTcp(target) : RawClient.#openWebSocket(target)
  }

  static #openTcp(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const client: RawClient = new RawClient((self, closed) => {
        const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(client))
        socket.on('error', reject)
        socket.on('close', closed)
        socket.on('data', self.#reader())
        return lineOf(socket)
      })
    })
  }

  static #openWebSocket(url: string): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const client: RawClient = new RawClient((self, closed) => {
        const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/mqtt`, 'mqtt')
        const read = self.#reader()
        socket.on('open', () => resolve(client))
        socket.on('error', reject)
        socket.on('close', closed)
        socket.on('message', (data: Buffer) => read(data))
        return {
          write: (bytes) => socket.send(bytes),
          pause: () => socket.pause(),
          resume: () => socket.resume(),
          end: () => socket.close(),
          destroy: () => socket.terminate(),
        }
      })
    })
  }

  #reader(): (bytes: Buffer) => void {
    const reader = parser({ protocolVersion: 4 })
    reader.on('packet', (packet) => this.#take(packet))
    return (bytes) => void reader.parse(bytes)
  }

  #take(packet: Packet): void {
    this.arrivals.push(packet)
    if (packet.cmd === 'publish') {
      this.messages.push(messageOf(packet))
      if (packet.qos === 1 && this.acknowledges) this.send({ cmd: 'puback', messageId: packet.messageId as number })
    } else this.packets.push(packet)
    for (const watcher of [...this.#watchers]) if (watcher.look()) this.#watchers.delete(watcher)
  }

  send(packet: Packet | Buffer): void {
    this.#line.write(Buffer.isBuffer(packet) ? packet : generate(packet))
  }

  /** Sends CONNECT; answers the return code of the CONNACK. */
  async connect(options: ConnectOptions = {}): Promise<number> {
    this.send(connectBytes(options))
    const { returnCode } = (await this.next('connack')) as { returnCode: number }
    return returnCode
  }

  /** Answers what was granted: 0, 1 or 128 for each. */
  async subscribe(filters: string | string[], qos: 0 | 1 | 2 = 0): Promise<number[]> {
    const messageId = this.#nextId++
    const subscriptions = [filters].flat().map((topic) => ({ topic, qos }))
    this.send({ cmd: 'subscribe', messageId, subscriptions })
    const answer = await this.next('suback', (packet) => packet.messageId === messageId)
    return (answer as unknown as { granted: number[] }).granted
  }

  async unsubscribe(...filters: string[]): Promise<void> {
    const messageId = this.#nextId++
    this.send({ cmd: 'unsubscribe', messageId, unsubscriptions: filters })
    await this.next('unsuback', (packet) => packet.messageId === messageId)
  }

  /** Resolves when it is acknowledged; at QoS 0 when it is written. */
  async publish(
    topic: string,
    payload: string | Buffer | object,
    options: { qos?: 0 | 1 | 2; retain?: boolean; dup?: boolean; packetId?: number } = {},
  ): Promise<void> {
    const { qos = 1, retain = false, dup = false, packetId = this.#nextId++ } = options
    const bytes = typeof payload === 'object' && !Buffer.isBuffer(payload) ? JSON.stringify(payload) : payload
    this.send({ cmd: 'publish', topic, payload: bytes, qos, retain, dup, messageId: packetId })
    if (qos === 0) return
    await this.next(qos === 1 ? 'puback' : 'pubrec', (packet) => packet.messageId === packetId)
    if (qos === 1) return
    this.send({ cmd: 'pubrel', messageId: packetId })
    await this.next('pubcomp', (packet) => packet.messageId === packetId)
  }

  /** An operation over `users/{user}/requests`; answers the reply. */
  async ask(user: string, op: string, input: { id?: never } & Record<string, unknown> = {}): Promise<Reply> {
    const id = `r${this.#nextId++}`
    await this.publish(`users/${user}/requests`, { id, op, ...input })
    const { text } = await this.message(({ topic, text }) => topic.endsWith('/replies') && JSON.parse(text).id === id)
    return JSON.parse(text) as Reply
  }

  /** The server has read everything that was sent before, and has answered what it answers at once. */
  async ping(): Promise<void> {
    this.send({ cmd: 'pingreq' })
    await this.next('pingresp')
  }

  /** Takes the first packet of a kind, waiting for it. */
  next(cmd: Packet['cmd'], wanted: (packet: Packet) => boolean = () => true): Promise<Packet> {
    return this.until(() => {
      const index = this.packets.findIndex((packet) => packet.cmd === cmd && wanted(packet))
      return index < 0 ? undefined : this.packets.splice(index, 1)[0]
    }, `a ${cmd}`)
  }

  /** The first message of a kind, from now or before. */
  message(wanted: (message: Message) => boolean): Promise<Message> {
    return this.until(() => this.messages.find(wanted), 'a message')
  }

  /** Resolves once so many messages of a topic have come. */
  async count(topic: string, count: number): Promise<Message[]> {
    return this.until(() => {
      const found = this.on(topic)
      return found.length >= count ? found : undefined
    }, `${count} messages on ${topic}`)
  }

  /** What came on a topic so far. */
  on(topic: string): Message[] {
    return this.messages.filter((message) => message.topic === topic)
  }

  /** The texts of the events that came on `rooms/{room}/messages`. */
  texts(room: string): string[] {
    return this.events(room).flatMap(({ text }) => text ?? [])
  }

  events(room: string): { seq: number; type: string; from: string; text?: string; id?: string }[] {
    return this.on(`rooms/${room}/messages`).map(({ text }) => JSON.parse(text))
  }

  /** Resolves when `look` finds something, asked after each packet. Rejects when the line closes, or after 10 s. */
  until<Found>(look: () => Found | undefined, what: string): Promise<Found> {
    const found = look()
    if (found !== undefined) return Promise.resolve(found)
    if (this.isClosed) return Promise.reject(new Error(`closed while waiting for ${what}`))
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#watchers.delete(watcher)
        reject(new Error(`no ${what} within ${PATIENCE_MS} ms`))
      }, PATIENCE_MS)
      const watcher: Watcher = {
        look() {
          const now = look()
          if (now === undefined) return false
          clearTimeout(late)
          resolve(now)
          return true
        },
        fail(error) {
          clearTimeout(late)
          reject(new Error(`${error.message}, waiting for ${what}`))
        },
      }
      this.#watchers.add(watcher)
    })
  }

  /** Reads nothing more until `resume`. */
  pause(): void {
    this.#line.pause()
  }

  resume(): void {
    this.#line.resume()
  }

  /** DISCONNECT, and the end. */
  async disconnect(): Promise<void> {
    this.send({ cmd: 'disconnect' })
    this.#line.end()
    await this.closed
  }

  /** The line is gone, without a word. */
  destroy(): void {
    this.#line.destroy()
  }
}

export type Reply = { id: string; ok: boolean; result?: never; error?: { code: string } } & Record<string, unknown>

export function connectPacket(options: ConnectOptions): Packet {
  const { clientId = '', clean = true, keepalive = 60, protocolVersion = 4, will, username, password } = options
  return {
    cmd: 'connect',
    protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion,
    ...{ clientId, clean, keepalive, username },
    ...(password !== undefined && { password: Buffer.from(password) }),
    ...(will !== undefined && { will: { qos: 0, retain: false, ...will, payload: Buffer.from(will.payload) } }),
  } as IConnectPacket
}

/** The library refuses to write an empty client id with clean session 0, which is what some do all the same. */
function connectBytes(options: ConnectOptions): Buffer {
  const bytes = generate(connectPacket({ ...options, clean: true }))
  const flags =
    bytes.indexOf(options.protocolVersion === 3 ? 'MQIsdp' : 'MQTT') + (options.protocolVersion === 3 ? 7 : 5)
  if (options.clean === false) bytes[flags] = (bytes[flags] as number) & ~2
  return bytes
}

function messageOf(packet: IPublishPacket): Message {
  const payload = Buffer.from(packet.payload as Buffer)
  const { topic, qos, retain, messageId } = packet
  return {
    topic,
    text: payload.toString(),
    payload,
    qos,
    retain,
    ...(messageId !== undefined && { packetId: messageId }),
  }
}

function lineOf(socket: Socket): Line {
  return {
    write: (bytes) => void socket.write(bytes),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  }
}
