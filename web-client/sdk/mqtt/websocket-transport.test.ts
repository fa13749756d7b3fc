import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openWebSocketPort } from './test/web-socket-port.ts'
import type { Transport } from './transport.ts'
import { createWebSocketTransport } from './websocket-transport.ts'

/** A transport to `url` and what it reports, one line each; `until` waits for a line. */
function openTransport(url: string) {
  const lines: string[] = []
  let arrived = (): void => {}
  const report = (line: string): void => {
    lines.push(line)
    arrived()
  }
  const transport: Transport = createWebSocketTransport(
    WebSocket,
    url,
  )({
    open: () => report('open'),
    data: (bytes) => report(`data ${[...bytes]}`),
    close: () => report('close'),
  })
  async function until(line: string): Promise<void> {
    while (!lines.includes(line)) {
      await new Promise<void>((resolve) => {
        arrived = resolve
      })
    }
  }
  return { transport, lines, until }
}

test('[MQTT-6.0.0-2] frames are a stream of bytes, whatever a frame holds, both ways and in order', async () => {
  const received: Buffer[] = []
  const port = await openWebSocketPort((socket) => {
    socket.on('message', (bytes: Buffer, isBinary) => {
      expect(isBinary).toBe(true)
      received.push(bytes)
      if (received.length === 2) for (const part of [[1], [], [2, 3], [4]]) socket.send(Uint8Array.from(part))
    })
  })
  const { transport, lines, until } = openTransport(port.url)
  await until('open')
  transport.send(Uint8Array.of(9, 8))
  transport.send(Uint8Array.of(7))
  await until('data 4')
  expect(Buffer.concat(received)).toEqual(Buffer.from([9, 8, 7]))
  expect(lines).toEqual(['open', 'data 1', 'data ', 'data 2,3', 'data 4'])
  expect(transport.buffered).toBe(0)
  await port.close()
  await until('close')
})

test('[MQTT-6.0.0-3] asks for the subprotocol mqtt', async () => {
  let protocol = ''
  const port = await openWebSocketPort((socket) => {
    protocol = socket.protocol
  })
  const { transport, until } = openTransport(port.url)
  await until('open')
  expect(protocol).toBe('mqtt')
  transport.close()
  await until('close')
  await port.close()
})

test('[MQTT-6.0.0-1] a text frame closes the connection and is not handed over', async () => {
  const port = await openWebSocketPort((socket) => socket.send('hello'))
  const { lines, until } = openTransport(port.url)
  await until('close')
  expect(lines).toEqual(['open', 'close'])
  await port.close()
})

test('[A3] close() sends what was given before, reports close once, and later bytes are dropped', async () => {
  const received: number[] = []
  const port = await openWebSocketPort((socket) => socket.on('message', (bytes: Buffer) => received.push(...bytes)))
  const { transport, lines, until } = openTransport(port.url)
  await until('open')
  transport.send(Uint8Array.of(1, 2))
  transport.close()
  transport.close()
  transport.send(Uint8Array.of(3))
  await until('close')
  expect(received).toEqual([1, 2])
  expect(lines).toEqual(['open', 'close'])
  await port.close()
})

test('[A3] nobody there, or somebody who speaks no WebSocket: closed, without an error thrown anywhere', async () => {
  const server = createServer((socket) => socket.resume().end('220 not for you\r\n')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/mqtt`
  const stranger = openTransport(url)
  await stranger.until('close')
  server.close()
  await once(server, 'close')
  const nobody = openTransport(url)
  await nobody.until('close')
  expect([stranger.lines, nobody.lines]).toEqual([['close'], ['close']])
})
