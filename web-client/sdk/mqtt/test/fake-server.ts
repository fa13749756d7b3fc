import mqttPacket, { type Packet } from 'mqtt-packet'
import type { OpenTransport, TransportHandlers } from '../transport.ts'

/**
 * The server's end of a transport whose queues the test flushes by hand: what the client writes is parsed by `mqtt-packet`
 * (an independent codec) into `received`; nothing reaches the client but by `send`, `open` and `drop`.
 */
export class FakeServer {
  readonly received: Packet[] = []
  closedByClient = false
  #handlers: TransportHandlers | undefined
  readonly #parser = mqttPacket.parser({ protocolVersion: 4 })
  #buffered = 0

  constructor() {
    this.#parser.on('packet', (packet) => this.received.push(packet))
    this.#parser.on('error', (error) => {
      throw error
    })
  }

  readonly openTransport: OpenTransport = (handlers) => {
    this.#handlers = handlers
    const server = this
    return {
      send: (bytes) => {
        server.#buffered += bytes.length
        server.#parser.parse(Buffer.from(bytes))
      },
      close: () => {
        server.closedByClient = true
      },
      get buffered() {
        return server.#buffered
      },
    }
  }

  /** Whether the client has asked for a transport. */
  get asked(): boolean {
    return this.#handlers !== undefined
  }

  /** The transport opens. */
  open(): void {
    this.#handlers?.open()
  }

  /** Opens and accepts. */
  accept(): void {
    this.open()
    this.send({ cmd: 'connack', returnCode: 0, sessionPresent: false })
  }

  /** One packet arrives at the client. */
  send(packet: Packet): void {
    this.sendBytes(mqttPacket.generate(packet))
  }

  /** Bytes arrive at the client. */
  sendBytes(bytes: Uint8Array): void {
    this.#handlers?.data(new Uint8Array(bytes))
  }

  /** The network closes the connection. */
  drop(): void {
    this.#handlers?.close()
  }

  /** The packets of this kind, so far. */
  of<C extends Packet['cmd']>(cmd: C): Extract<Packet, { cmd: C }>[] {
    return this.received.filter((packet): packet is Extract<Packet, { cmd: C }> => packet.cmd === cmd)
  }
}
