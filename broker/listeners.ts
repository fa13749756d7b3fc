import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { WebSocketServer } from 'ws'
import { ignore, SocketWire } from './wire/socket-wire.ts'
import { WebSocketWire } from './wire/websocket-wire.ts'
import type { Wire } from './wire/wire.ts'

export type Attach = (wire: Wire) => void

/** MQTT over TCP. Resolves when it listens; `port` 0 takes a free one. */
export function listenTcp(attach: Attach, host: string, port: number): Promise<Server> {
  return listening(
    createServer({ noDelay: true }, (socket) => attach(new SocketWire(socket))),
    host,
    port,
  )
}

/** MQTT over TLS. `cert` and `key`: PEM. */
export function listenTls(
  attach: Attach,
  host: string,
  port: number,
  credentials: { cert: Buffer; key: Buffer },
): Promise<Server> {
  const server = createTlsServer({ ...credentials, handshakeTimeout: 10_000 }, (socket) =>
    attach(new SocketWire(socket)),
  )
  server.on('tlsClientError', ignore)
  return listening(server, host, port)
}

function listening(server: Server, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      server.on('error', ignore) // of accepting one socket, such as no file descriptor: the next may succeed
      resolve(server)
    })
  })
}

const SUBPROTOCOL = 'mqtt'

export type WebSocketOptions = {
  path: string
  /** Largest WebSocket message; MQTT packets have their own limit. */
  maxMessageBytes: number
  /** The one origin that may connect, such as `https://chat.example`; absent: that of the Host header. */
  origin?: string | undefined
  /** The address of the peer, which a trusted proxy may tell. */
  addressOf(request: IncomingMessage): string
}

/** MQTT over WebSocket on the HTTP server's port, by its upgrade event. Other paths are refused ([DOOR2]). */
export function listenWebSocket(attach: Attach, http: HttpServer, options: WebSocketOptions): WebSocketServer {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: options.maxMessageBytes,
    handleProtocols: (protocols) => (protocols.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const socket = stream as Socket
    socket.on('error', ignore)
    const path = request.url?.split('?')[0]
    if (path !== options.path) return refuse(socket, 404, 'Not Found')
    if (!isAllowedOrigin(request, options.origin)) return refuse(socket, 403, 'Forbidden')
    if (!offersMqtt(request)) return refuse(socket, 400, 'Bad Request')
    server.handleUpgrade(request, socket, head, (webSocket) => {
      attach(new WebSocketWire(webSocket, socket, options.addressOf(request)))
    })
  })
  return server
}

/** Browsers do not apply CORS to WebSockets: a page of another origin must not use our users' tokens. */
function isAllowedOrigin(request: IncomingMessage, allowed: string | undefined): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return true
  if (allowed !== undefined) return origin === allowed
  const parsed = URL.canParse(origin) ? new URL(origin) : undefined
  return parsed !== undefined && parsed.host === host
}

function offersMqtt(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol']
  return offered?.split(',').some((one) => one.trim() === SUBPROTOCOL) === true
}

function refuse(socket: Socket, status: number, reason: string): void {
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
