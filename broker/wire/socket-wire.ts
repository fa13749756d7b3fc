import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Wire } from './wire.ts'

/** How long a closing connection may take to read its last bytes. */
const LINGER_MS = 2_000

/** A wire over TCP or TLS. Without TCP_NODELAY a round trip takes 44 ms instead of 1. */
export function createSocketWire(socket: Socket): Wire {
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 60_000)
  return {
    transport: socket instanceof TLSSocket ? 'tls' : 'tcp',
    address: socket.remoteAddress ?? '',
    get unsent() {
      return socket.writableLength
    },
    get stuck() {
      return queuedInKernelHandle(socket) ?? socket.writableLength
    },
    start(events) {
      socket.on('data', events.data)
      socket.on('drain', events.drain)
      socket.on('error', ignore)
      socket.on('end', () => endSoon(socket))
      socket.once('close', events.close)
    },
    frame: (mqtt) => mqtt,
    write: (framed) => void socket.write(framed),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => endSoon(socket),
    destroy: () => void socket.destroy(),
  }
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
