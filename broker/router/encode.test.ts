import fc from 'fast-check'
import { type IPublishPacket, parser } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import { EncodedBatch, encodePublish } from './encode.ts'

const TOPIC = 'rooms/ops/messages'

function parseAll(bytes: Buffer): IPublishPacket[] {
  const packets: IPublishPacket[] = []
  const reader = parser()
  reader.on('packet', (packet) => packets.push(packet as IPublishPacket))
  reader.on('error', (error) => {
    throw error
  })
  expect(reader.parse(bytes)).toBe(0)
  return packets
}

/** Unmasked final binary frames, as RFC 6455 5.2 has them; every other kind throws. */
function unframe(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let offset = 0; offset < bytes.length; ) {
    expect(bytes[offset]).toBe(0x82)
    const short = bytes[offset + 1] as number
    const [header, length] =
      short < 126
        ? [2, short]
        : short === 126
          ? [4, bytes.readUInt16BE(offset + 2)]
          : [10, Number(bytes.readBigUInt64BE(offset + 2))]
    if (short === 126) expect(length).toBeGreaterThanOrEqual(126)
    if (short === 127) expect(length).toBeGreaterThanOrEqual(65_536)
    expect(offset + header + length).toBeLessThanOrEqual(bytes.length)
    frames.push(bytes.subarray(offset + header, offset + header + length))
    offset += header + length
  }
  return frames
}

/** Comparing buffers with `toEqual` takes seconds when they are large. */
const isSame = (packets: IPublishPacket[], payloads: Buffer[]): boolean =>
  packets.length === payloads.length &&
  packets.every(({ payload }, index) => payloads[index]?.equals(payload as Buffer) === true)

const batchOf = (payloads: Buffer[]) =>
  new EncodedBatch(
    Buffer.from(TOPIC),
    payloads,
    payloads.map((_, index) => index + 1),
  )

const payloads = fc.array(
  fc
    .oneof(fc.integer({ min: 0, max: 400 }), fc.constantFrom(0, 105, 106, 107, 125, 126, 127, 16_361, 16_364, 65_500))
    .map((size) => Buffer.alloc(size, size)),
  { minLength: 1, maxLength: 12 },
)

describe('a batch of events', () => {
  test('[PRF1] reads as one PUBLISH for each, at QoS 0 and 1, over TCP and WebSocket', () => {
    fc.assert(
      fc.property(payloads, fc.integer({ min: 1, max: 65_535 }), (given, firstId) => {
        const batch = batchOf(given)
        const webSocket = unframe(batch.websocket)
        const webSocketQos1 = unframe(batch.withPacketIds(firstId, true))
        for (const bytes of [batch.mqtt, Buffer.concat(webSocket)]) {
          const packets = parseAll(bytes)
          expect(isSame(packets, given)).toBe(true)
          for (const packet of packets)
            expect(packet).toMatchObject({ topic: TOPIC, qos: 0, retain: false, dup: false })
        }
        for (const bytes of [batch.withPacketIds(firstId, false), Buffer.concat(webSocketQos1)]) {
          const packets = parseAll(bytes)
          expect(isSame(packets, given)).toBe(true)
          expect(packets.map(({ messageId }) => messageId)).toEqual(
            given.map((_, i) => ((firstId - 1 + i) % 65_535) + 1),
          )
          for (const packet of packets)
            expect(packet).toMatchObject({ topic: TOPIC, qos: 1, retain: false, dup: false })
        }
        for (const frames of [webSocket, webSocketQos1]) {
          for (const frame of frames) expect(frame.length <= 60 * 1024 || parseAll(frame).length === 1).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('[PRF1] over WebSocket a batch beyond 60 KB is several frames of whole packets', () => {
    const given = Array.from({ length: 40 }, (_, i) => Buffer.alloc(5_000, i))
    const frames = unframe(batchOf(given).websocket)
    expect(frames).toHaveLength(4)
    for (const frame of frames) parseAll(frame)
    expect(unframe(batchOf([Buffer.alloc(70_000)]).websocket)).toHaveLength(1)
  })

  test('[MQTT-2.3.1] packet ids go round from 65535 to 1 and are never 0', () => {
    const batch = batchOf(Array.from({ length: 4 }, () => Buffer.from('x')))
    const ids = parseAll(batch.withPacketIds(65_534, false)).map(({ messageId }) => messageId)
    expect(ids).toEqual([65_534, 65_535, 1, 2])
  })

  test('[PRF1] copies with ids leave each other and the shared bytes alone', () => {
    const batch = batchOf([Buffer.from('one'), Buffer.from('two')])
    const shared = Buffer.from(batch.mqtt)
    const first = batch.withPacketIds(7, false)
    const second = batch.withPacketIds(300, false)
    expect(parseAll(first).map(({ messageId }) => messageId)).toEqual([7, 8])
    expect(parseAll(second).map(({ messageId }) => messageId)).toEqual([300, 301])
    expect(batch.mqtt).toEqual(shared)
  })
})

describe('one PUBLISH', () => {
  test('[RET1] is written with or without the retain flag', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.boolean(), (size, retain) => {
        const payload = Buffer.alloc(size, 1)
        const [packet, more] = parseAll(encodePublish(Buffer.from('rooms/ops/state'), payload, retain))
        expect(packet).toMatchObject({ topic: 'rooms/ops/state', qos: 0, retain })
        expect(Buffer.compare(packet?.payload as Buffer, payload)).toBe(0)
        expect(more).toBeUndefined()
      }),
      { numRuns: 100 },
    )
  })
})
