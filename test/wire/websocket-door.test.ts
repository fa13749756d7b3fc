/** MQTT over WebSocket: who may upgrade, and which frames may pass. */
import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import { generate } from 'mqtt-packet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { connectPacket } from './raw-client.ts'
import { Town } from './town.ts'

let town: Town

beforeAll(async () => {
  town = await Town.open({ users: ['alice'], rooms: { kitchen: ['alice'] } })
})
afterAll(() => town?.close())

const upgrade = (path: string, headers: Record<string, string>, protocols: string[] = ['mqtt']): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(town.product.url.replace('http', 'ws') + path, protocols, { headers })
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('unexpected-response', (request, response) => {
      request.destroy()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', reject)
  })

test('[DOOR2] a foreign Origin, another path and another subprotocol are refused', async () => {
  const { host } = new URL(town.product.url)
  expect(await upgrade('/mqtt', {})).toBe(101)
  expect(await upgrade('/mqtt', { origin: `http://${host}` })).toBe(101)
  for (const origin of [
    'https://evil.example',
    'null',
    `http://${host}.evil.example`,
    `http://evil@${host}x`,
    'http://127.0.0.1',
  ]) {
    expect(await upgrade('/mqtt', { origin }), origin).toBe(403)
  }
  expect(await upgrade('/mqttx', {})).toBe(404)
  expect(await upgrade('/', {})).toBe(404)
  expect(await upgrade('/mqtt', {}, ['chat'])).toBe(400)
  expect(await upgrade('/mqtt', {}, [])).toBe(400)
  expect(await upgrade('/mqtt', {}, ['mqttv3.1', 'mqtt'])).toBe(101)
})

async function rawWebSocket(): Promise<{ send(bytes: Buffer): void; closed: Promise<unknown> }> {
  const { hostname, port, host } = new URL(town.product.url)
  const socket = connectSocket(Number(port), hostname)
  socket.on('error', () => undefined) // followed by `close`
  const closed = once(socket, 'close')
  socket.write(
    `GET /mqtt HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n',
  )
  await once(socket, 'data')
  return { send: (bytes) => void socket.write(bytes), closed }
}

test.each<[string, Buffer]>([
  ['a text frame', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])],
  ['an unmasked frame', Buffer.from([0x82, 0x02, 0xc0, 0x00])],
  ['a reserved bit', Buffer.from([0xc2, 0x82, 0, 0, 0, 0, 0xc0, 0])],
  ['a reserved opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
  ['a frame of a gigabyte', Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0])],
  ['a ping of 126 bytes', Buffer.from([0x89, 0xfe, 0, 126, 0, 0, 0, 0])],
  ['a packet that is no CONNECT', Buffer.from([0x82, 0x82, 0, 0, 0, 0, 0xc0, 0])],
])('[MQTT-6.0.0-1] %s closes the connection', async (_what, bytes) => {
  const socket = await rawWebSocket()
  socket.send(bytes)
  await socket.closed
})

test('[MQTT-6.0.0-2] packets may be cut and joined in any way across frames', async () => {
  const socket = new WebSocket(`${town.product.url.replace('http', 'ws')}/mqtt`, 'mqtt')
  await once(socket, 'open')
  const bytes = Buffer.concat([
    generate(connectPacket({ username: 'alice', password: town.token('alice'), clientId: 'cut' })),
    generate({ cmd: 'pingreq' }),
    generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'rooms/kitchen/text', qos: 0 }] }),
  ])
  for (const byte of bytes) socket.send(Buffer.from([byte]))
  const answers: number[] = []
  await new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      answers.push(data[0] as number)
      if (answers.includes(0x90)) resolve()
    })
  })
  expect(answers).toEqual([0x20, 0xd0, 0x90])
  socket.terminate()
})
