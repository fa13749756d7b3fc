// MQTT over WebSocket (MQTT 3.1.1, section 6).
import type { OpenTransport } from './transport.ts'

/** What is used of a WebSocket; the browser's and that of the package `ws` both fit. */
export interface WebSocketLike {
  binaryType: string
  readonly bufferedAmount: number
  readonly readyState: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  send(bytes: Uint8Array<ArrayBuffer>): void
  close(): void
}

export type WebSocketConstructor = new (url: string, protocol: string) => WebSocketLike

const OPEN = 1

/** Opens transports to `url` (ws: or wss:) with the subprotocol `mqtt` [MQTT-6.0.0-3]. */
export function createWebSocketTransport(WebSocket: WebSocketConstructor, url: string): OpenTransport {
  return (handlers) => {
    const socket = new WebSocket(url, 'mqtt')
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => handlers.open()
    socket.onmessage = ({ data }: { data: string | ArrayBuffer }) => {
      if (typeof data === 'string')
        socket.close() // [MQTT-6.0.0-1]
      else handlers.data(new Uint8Array(data))
    }
    // Says nothing that `onclose`, which always follows, does not; but `ws` throws where nobody listens.
    socket.onerror = () => {}
    socket.onclose = () => handlers.close()
    return {
      send(bytes) {
        // What the other side has closed takes nothing more, and browsers complain about it; `onclose` follows.
        if (socket.readyState <= OPEN) socket.send(bytes)
      },
      close: () => socket.close(),
      get buffered() {
        return socket.bufferedAmount
      },
    }
  }
}
