import { connect as openSocket, type Socket } from 'node:net'
import { CONNACK, connectPacket, disconnectPacket, SUBACK, subscribePacket } from './mqtt-packets.ts'
import { MqttReader, type PacketHandler } from './mqtt-reader.ts'
import { clientFrame, FrameReader, upgradeRequest } from './websocket-frames.ts'

const HOST = '127.0.0.1'
// One buffer for all sockets: what was read is worked off at once.
const readBuffer = Buffer.allocUnsafe(1 << 19)

/** Bytes that came in over all connections, headers included. */
export const wire = { bytesIn: 0 }

export type ConnectionOptions = {
  port: number
  path?: string
  clientId: string
  user?: string
  password?: string
  filters: string[]
  qos: 0 | 1
  /** Every packet after CONNACK and SUBACK. */
  onPacket: PacketHandler
  /** After the packets of one read. */
  onRead: () => void
  /** When a connection that was ready goes away unasked. */
  onLost: () => void
}

/** One MQTT connection over TCP or WebSocket, without any buffering of its own. */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #mqtt: MqttReader
  readonly #frames: FrameReader | undefined
  #socket: Socket | undefined
  #upgrade: Buffer | undefined
  #ready: (() => void) | undefined
  #closing = false
  #acknowledgements: number[] = []

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#mqtt = new MqttReader((firstByte, bytes, start, end) => this.#onPacket(firstByte, bytes, start, end))
    if (options.path === undefined) return
    this.#frames = new FrameReader({
      data: (bytes, start, end) => this.#mqtt.feed(bytes, start, end),
      ping: (payload) => this.#socket?.write(clientFrame(payload, 10)),
      close: () => this.#socket?.destroy(),
    })
    this.#upgrade = Buffer.alloc(0)
  }

  /** Resolves when the connection is accepted and every filter is granted; rejects with the reason otherwise. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { port, path, onLost } = this.#options
      const onread = {
        buffer: readBuffer,
        callback: (length: number): boolean => {
          this.#onBytes(length)
          return true
        },
      }
      const socket = openSocket({ host: HOST, port, noDelay: true, onread })
      this.#socket = socket
      this.#ready = () => {
        this.#ready = undefined
        resolve()
      }
      let reason = 'closed by the server'
      socket.on('error', (error) => {
        reason = error.message
      })
      socket.on('close', () => {
        if (this.#ready) reject(new Error(reason))
        else if (!this.#closing) onLost()
      })
      socket.on('connect', () => {
        if (path === undefined) this.#login()
        else socket.write(upgradeRequest(`${HOST}:${port}`, path))
      })
    })
  }

  write(packets: Buffer): void {
    this.#socket?.write(this.#frames ? clientFrame(packets) : packets)
  }

  /** Acknowledges a delivery; all of one read leave together. */
  acknowledge(high: number, low: number): void {
    this.#acknowledgements.push(0x40, 2, high, low)
  }

  close(): void {
    if (this.#closing || !this.#socket) return
    this.#closing = true
    this.write(disconnectPacket)
    this.#socket.end()
  }

  /** Leaves no connection in TIME_WAIT behind, of which there would be thousands after a few runs. */
  abandon(): void {
    this.#closing = true
    this.#socket?.resetAndDestroy()
  }

  #login(): void {
    this.write(connectPacket(this.#options.clientId, this.#options.user, this.#options.password))
  }

  #onBytes(length: number): void {
    wire.bytesIn += length
    if (this.#upgrade) this.#onUpgrade(length)
    else if (this.#frames) this.#frames.feed(readBuffer, 0, length)
    else this.#mqtt.feed(readBuffer, 0, length)
    if (this.#acknowledgements.length > 0) {
      this.write(Buffer.from(this.#acknowledgements))
      this.#acknowledgements = []
    }
    this.#options.onRead()
  }

  #onUpgrade(length: number): void {
    const answer = Buffer.concat([this.#upgrade ?? Buffer.alloc(0), readBuffer.subarray(0, length)])
    const end = answer.indexOf('\r\n\r\n')
    this.#upgrade = answer
    if (end < 0) return
    this.#upgrade = undefined
    if (!answer.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
      this.#socket?.destroy(new Error(answer.toString('latin1', 0, answer.indexOf('\r\n'))))
      return
    }
    this.#login()
    if (answer.length > end + 4) this.#frames?.feed(answer, end + 4, answer.length)
  }

  #onPacket(firstByte: number, bytes: Buffer, start: number, end: number): void {
    const kind = firstByte >> 4
    const { filters, qos, onPacket } = this.#options
    if (kind === CONNACK) {
      if (bytes[start + 1] !== 0) this.#socket?.destroy(new Error(`refused with code ${bytes[start + 1]}`))
      else if (filters.length > 0) this.write(subscribePacket(filters, qos))
      else this.#ready?.()
    } else if (kind === SUBACK) {
      if (bytes.subarray(start + 2, end).includes(0x80)) this.#socket?.destroy(new Error('a filter was refused'))
      else this.#ready?.()
    } else onPacket(firstByte, bytes, start, end)
  }
}
