import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp } from '../index.ts'
import { createSmallHouse } from './small-house.ts'

let app: FastifyInstance
let port: number

beforeAll(async () => {
  app = await buildApp(createSmallHouse().deps)
  app.server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
})
afterAll(() => app.close())

async function speak(request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(request)
  return text(socket)
}
const bodyOf = (reply: string) => JSON.parse(reply.slice(reply.indexOf('\r\n\r\n') + 4))
const headers = (count: number, value: string) =>
  Array.from({ length: count }, (_, i) => `h${i}: ${value}\r\n`).join('')

test('[ERR3] 2 000 small headers are read or refused, and the door stays open', async () => {
  const reply = await speak(`GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers(1_990, '1')}\r\n`)
  expect(reply).toMatch(/^HTTP\/1\.1 (200|431) /)
  expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200)
})

test('[ERR3] headers beyond the limit are answered 431 in the one shape', async () => {
  const reply = await speak(`GET /health/live HTTP/1.1\r\nHost: x\r\n${headers(2_000, 'x'.repeat(20))}\r\n`)
  expect(reply).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/)
  expect(bodyOf(reply)).toEqual({ error: { code: 'too_large', message: 'The headers are too large.' } })
})

test('[ERR3] what is not HTTP is answered 400 in the one shape', async () => {
  const reply = await speak('\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02id')
  expect(reply).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  expect(bodyOf(reply).error.code).toBe('invalid_request')
})

test('[HTTP8] the server hands upgrades on to who listens for them', async () => {
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
  expect(await speak(`GET /mqtt HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`)).toMatch(/^HTTP\/1\.1 101 /)
})

test('[HTTP8] closing the door ends idle and half-spoken connections at once', async () => {
  const door = await buildApp(createSmallHouse().deps)
  await door.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((door.server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /health')
  await once(socket, 'data')
  const began = performance.now()
  socket.on('error', () => {}) // A reset is as good an end as a close.
  await Promise.all([once(socket, 'close'), door.close()])
  expect(performance.now() - began).toBeLessThan(1_000)
})
