import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { endSoon, ignore, queuedInKernelHandle } from './socket-wire.ts'
import type { Wire, WireEvents } from './wire.ts'

const BINARY_FINAL = 0x82
const UNSUPPORTED_DATA = 1003

/**
 * A wire over WebSocket. Frames to clients are unmasked, so the same bytes serve every client: they are made here and
 * written to the socket beneath `ws`, which writes whole frames too and so is never interrupted.
 */
export class WebSocketWire implements Wire {
  readonly transport = 'websocket'
  readonly address: string
  readonly #webSocket: WebSocket
  readonly #socket: Socket

  constructor(webSocket: WebSocket, socket: Socket, address: string) {
    socket.setNoDelay(true)
    this.#webSocket = webSocket
    this.#socket = socket
    this.address = address
  }

  get unsent(): number {
    return this.#socket.writableLength
  }

  get stuck(): number {
    return queuedInKernelHandle(this.#socket) ?? this.#socket.writableLength
  }

  start(events: WireEvents): void {
    this.#webSocket.on('message', (data, isBinary) => {
      if (isBinary) events.data(data as Buffer)
      else this.#close(UNSUPPORTED_DATA) // [MQTT-6.0.0-1]
    })
    this.#webSocket.on('error', ignore)
    this.#socket.on('drain', () => events.drain())
    this.#socket.on('close', () => events.close())
  }

  frame(mqtt: Buffer): Buffer {
    return frameBinary(mqtt)
  }

  write(framed: Buffer): void {
    this.#socket.write(framed)
  }

  pause(): void {
    this.#webSocket.pause()
  }

  resume(): void {
    this.#webSocket.resume()
  }

  end(): void {
    this.#close(1000)
  }

  /** Without waiting for the close frame of the other side, which may never come. */
  #close(code: number): void {
    this.#webSocket.close(code)
    endSoon(this.#socket)
  }

  destroy(): void {
    this.#webSocket.terminate()
  }
}

/** One unmasked binary frame with the given payload. */
export function frameBinary(mqtt: Buffer): Buffer {
  const header = frameHeaderLength(mqtt.length)
  const framed = Buffer.allocUnsafe(header + mqtt.length)
  writeFrameHeader(framed, 0, mqtt.length)
  mqtt.copy(framed, header)
  return framed
}

export const frameHeaderLength = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10)

/** Writes the header of an unmasked binary frame at `offset`; answers where the payload begins. */
export function writeFrameHeader(target: Buffer, offset: number, length: number): number {
  target[offset] = BINARY_FINAL
  if (length < 126) {
    target[offset + 1] = length
    return offset + 2
  }
  if (length < 65_536) {
    target[offset + 1] = 126
    return target.writeUInt16BE(length, offset + 2)
  }
  target[offset + 1] = 127
  target.writeUInt32BE(0, offset + 2)
  return target.writeUInt32BE(length, offset + 6)
}
