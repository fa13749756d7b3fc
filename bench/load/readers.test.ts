import { describe, expect, it } from 'vitest'
import { connectPacket, publishPacket, subscribePacket } from './mqtt-packets.ts'
import { MqttReader } from './mqtt-reader.ts'
import { clientFrame, FrameReader } from './websocket-frames.ts'

// The same stream in pieces of every size.
function inPieces(stream: Buffer, size: number, feed: (bytes: Buffer, start: number, end: number) => void): void {
  for (let at = 0; at < stream.length; at += size) feed(stream, at, Math.min(at + size, stream.length))
}

function serverFrame(payload: Buffer, opcode = 2): Buffer {
  const length = payload.length
  const head = length < 126 ? [length] : length < 65536 ? [126, length >> 8, length & 255] : undefined
  const long = Buffer.from([127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255])
  return Buffer.concat([Buffer.from([0x80 | opcode]), head ? Buffer.from(head) : long, payload])
}

const sizes = [1, 2, 3, 7, 100, 1000, 1_000_000]

describe('[BENCH] MQTT reader', () => {
  const payload = Buffer.alloc(20_000, 'x')
  const packets = [
    Buffer.from([0x20, 2, 0, 0]),
    publishPacket('rooms/a/messages', 7, Buffer.from('short')),
    Buffer.from([0xd0, 0]),
    publishPacket('rooms/a/messages', 8, payload),
    connectPacket('device', 'user', 'password'),
    subscribePacket(['a', 'b'], 1),
  ]
  it.each(sizes)('[BENCH] finds every packet in pieces of %i bytes', (size) => {
    const found: [number, string][] = []
    const reader = new MqttReader((firstByte, bytes, start, end) => {
      found.push([firstByte, bytes.toString('hex', start, end)])
    })
    inPieces(Buffer.concat([...packets, ...packets]), size, (bytes, start, end) => reader.feed(bytes, start, end))
    const bodyOf = (packet: Buffer) => packet.toString('hex', packet.length > 20_000 ? 4 : 2)
    const wanted = packets.map((packet) => [packet[0], bodyOf(packet)])
    expect(found).toEqual([...wanted, ...wanted])
  })

  it('[BENCH] refuses a remaining length of five bytes', () => {
    const reader = new MqttReader(() => undefined)
    expect(() => reader.feed(Buffer.from([0x30, 255, 255, 255, 255, 1]), 0, 6)).toThrow('more than four bytes')
  })
})

describe('[BENCH] WebSocket frames', () => {
  const parts = [Buffer.from('one'), Buffer.alloc(125, 'b'), Buffer.alloc(126, 'c'), Buffer.alloc(70_000, 'd')]
  it.each(sizes)('[BENCH] passes on what frames carry in pieces of %i bytes', (size) => {
    const data: Buffer[] = []
    const pings: string[] = []
    const reader = new FrameReader({
      data: (bytes, start, end) => data.push(Buffer.from(bytes.subarray(start, end))),
      ping: (payload) => pings.push(payload.toString()),
      close: () => pings.push('closed'),
    })
    const ping = serverFrame(Buffer.from('are you there'), 9)
    const stream = Buffer.concat([...parts.map((part) => serverFrame(part)), ping, serverFrame(Buffer.alloc(0), 8)])
    inPieces(stream, size, (bytes, start, end) => reader.feed(bytes, start, end))
    expect(Buffer.concat(data).equals(Buffer.concat(parts))).toBe(true)
    expect(pings).toEqual(['are you there', 'closed'])
  })

  it('[BENCH] masks what a client says, and refuses masks of a server', () => {
    const frame = clientFrame(Buffer.from('hello'))
    const mask = frame.subarray(2, 6)
    const clear = frame.subarray(6).map((byte, at) => byte ^ (mask[at & 3] ?? 0))
    expect(Buffer.from(clear).toString()).toBe('hello')
    const reader = new FrameReader({ data: () => undefined, ping: () => undefined, close: () => undefined })
    expect(() => reader.feed(frame, 0, frame.length)).toThrow('masks')
  })
})
