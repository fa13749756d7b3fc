import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'

/** A WebSocket server with the subprotocol `mqtt` on a free port of the loopback. */
export interface WebSocketPort {
  readonly url: string
  close(): Promise<void>
}

/** Hands each accepted socket to `accept`, as itself and as a stream of bytes. */
export async function openWebSocketPort(
  accept: (socket: WebSocket, stream: () => Duplex) => void,
): Promise<WebSocketPort> {
  const server = createServer()
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'mqtt', perMessageDeflate: false })
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (opened) => {
      accept(opened, () => {
        const stream = createWebSocketStream(opened)
        // A client that vanishes is no fault of the broker under test.
        stream.on('error', () => stream.destroy())
        return stream
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${port}/mqtt`,
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}
