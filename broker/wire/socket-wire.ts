import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Wire, WireEvents } from './wire.ts'

/** How long a closing connection may take to read its last bytes. */
const LINGER_MS = 2_000

/** A wire over TCP or TLS. Without TCP_NODELAY a round trip takes 44 ms instead of 1. */
export class SocketWire implements Wire {
  readonly transport: 'tcp' | 'tls'
  readonly address: string
  readonly #socket: Socket

  constructor(socket: Socket) {
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    this.#socket = socket
    this.transport = socket instanceof TLSSocket ? 'tls' : 'tcp'
    this.address = socket.remoteAddress ?? ''
  }

  get unsent(): number {
    return this.#socket.writableLength
  }

  get stuck(): number {
    return queuedInKernelHandle(this.#socket) ?? this.#socket.writableLength
  }

  start(events: WireEvents): void {
    const socket = this.#socket
    socket.on('data', (chunk) => events.data(chunk))
    socket.on('drain', () => events.drain())
    socket.on('error', ignore)
    socket.on('end', endThis)
    socket.on('close', () => events.close())
  }

  frame(mqtt: Buffer): Buffer {
    return mqtt
  }

  write(framed: Buffer): void {
    this.#socket.write(framed)
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    endSoon(this.#socket)
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

function endThis(this: Socket): void {
  endSoon(this)
}

/** Closes after the last write, and in any case after two seconds. */
export function endSoon(socket: Socket): void {
  if (socket.destroyed) return
  socket.end()
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref()
  socket.once('finish', () => socket.destroy())
  socket.once('close', () => clearTimeout(timer))
}

/** libuv's own count, which falls as bytes leave; Node's `writableLength` only falls when a whole write is done. */
export function queuedInKernelHandle(socket: Socket): number | undefined {
  const handle = (socket as Socket & { _handle?: { writeQueueSize?: number } | null })._handle
  return handle?.writeQueueSize
}

/** Errors of sockets are followed by `close`, which is what ends a connection. */
export const ignore = (): void => {}
