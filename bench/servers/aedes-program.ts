// Aedes 1.2.0 as its documentation shows it, over TCP and WebSocket. With a database in TIDINGS_BENCH_DATABASE (the settings of
// `pg` as JSON), every publish waits for one INSERT before it is acknowledged and delivered: the usual way to archive.
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { Aedes, type AuthorizePublishHandler } from 'aedes'
import { Pool, type PoolConfig } from 'pg'
import { createWebSocketStream, WebSocketServer } from 'ws'

const settings = process.env.TIDINGS_BENCH_DATABASE
const broker = await Aedes.createBroker(settings ? { authorizePublish: await archiveIn(JSON.parse(settings)) } : {})

const tcp = createServer(broker.handle)
const http = createHttpServer()
const webSockets = new WebSocketServer({ server: http, handleProtocols: () => 'mqtt', perMessageDeflate: false })
webSockets.on('connection', (socket, request) => {
  const stream = createWebSocketStream(socket)
  // Who goes away in the middle of a write is no news to a benchmark.
  stream.on('error', () => stream.destroy())
  broker.handle(stream, request)
})

process.on('SIGTERM', () => process.exit(0))
console.log(JSON.stringify({ mqttPort: await listen(tcp), webSocketPort: await listen(http) }))

async function listen(server: Server): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function archiveIn(config: PoolConfig): Promise<AuthorizePublishHandler> {
  const pool = new Pool(config)
  await pool.query(
    'CREATE TABLE IF NOT EXISTS messages (id bigserial PRIMARY KEY, topic text, payload bytea, at bigint)',
  )
  const insert = 'INSERT INTO messages (topic, payload, at) VALUES ($1, $2, $3)'
  return (_client, { topic, payload }, done) => {
    pool.query({ name: 'insert', text: insert, values: [topic, payload, Date.now()] }).then(
      () => done(null),
      (error: Error) => done(error),
    )
  }
}
