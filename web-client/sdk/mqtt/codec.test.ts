import fc from 'fast-check'
import mqttPacket, { type Packet as PeerPacket } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import {
  createDecoder,
  DISCONNECT,
  encodeConnect,
  encodePuback,
  encodePublish,
  encodeSubscribe,
  encodeUnsubscribe,
  type Packet,
  PINGREQ,
  ProtocolError,
} from './codec.ts'

const packetId = fc.integer({ min: 1, max: 0xffff })
const qos = fc.constantFrom(0, 1)
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((value) => !value.includes('\0'))
const topic = text.map((value) => value.replaceAll(/[+#]/g, '/'))
const filter = fc
  .tuple(fc.array(fc.oneof(topic, fc.constant('+')), { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'))
const payload = fc.uint8Array({ maxLength: 300 })

/** What a server may send, as the independent codec names it. */
const serverPacket: fc.Arbitrary<PeerPacket> = fc.oneof(
  fc.constantFrom<PeerPacket>(
    { cmd: 'pingresp' },
    { cmd: 'connack', returnCode: 0, sessionPresent: true },
    ...[0, 1, 2, 3, 4, 5].map((returnCode) => ({ cmd: 'connack' as const, returnCode, sessionPresent: false })),
  ),
  packetId.map((messageId): PeerPacket => ({ cmd: 'puback', messageId })),
  packetId.map((messageId): PeerPacket => ({ cmd: 'unsuback', messageId, granted: [] })),
  fc
    .tuple(packetId, fc.array(fc.constantFrom(0, 1, 2, 0x80), { minLength: 1, maxLength: 20 }))
    .map(([messageId, granted]): PeerPacket => ({ cmd: 'suback', messageId, granted })),
  fc.tuple(topic, payload, fc.boolean()).map(
    ([name, bytes, retain]): PeerPacket => ({
      cmd: 'publish',
      topic: name,
      payload: Buffer.from(bytes),
      qos: 0,
      retain,
      dup: false,
    }),
  ),
  fc.tuple(topic, payload, fc.boolean(), fc.boolean(), packetId).map(
    ([name, bytes, retain, dup, messageId]): PeerPacket => ({
      cmd: 'publish',
      topic: name,
      payload: Buffer.from(bytes),
      qos: 1,
      retain,
      dup,
      messageId,
    }),
  ),
)

/** A good stream with a few bytes changed, dropped or added: more damage gets past the first check than in random bytes. */
const damagedStream = fc
  .tuple(
    fc.array(serverPacket, { minLength: 1, maxLength: 5 }),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(2)), { minLength: 1, maxLength: 4 }),
  )
  .map(([packets, damages]) => {
    const bytes = [...Buffer.concat(packets.map((packet) => mqttPacket.generate(packet)))]
    for (const [at, byte, kind] of damages) {
      bytes.splice(at % bytes.length, kind === 2 ? 0 : 1, ...(kind === 1 ? [] : [byte]))
    }
    return Uint8Array.from(bytes)
  })

/** The same packet in our words. */
function translate(packet: PeerPacket): Packet {
  switch (packet.cmd) {
    case 'pingresp':
      return { type: 'pingresp' }
    case 'connack':
      return { type: 'connack', returnCode: packet.returnCode ?? -1, sessionPresent: packet.sessionPresent }
    case 'puback':
    case 'unsuback':
      return { type: packet.cmd, packetId: packet.messageId ?? 0, granted: [] }
    case 'suback':
      return { type: 'suback', packetId: packet.messageId ?? 0, granted: packet.granted.map(Number) }
    case 'publish':
      return {
        type: 'publish',
        topic: packet.topic,
        payload: new Uint8Array(Buffer.from(packet.payload)),
        qos: packet.qos === 1 ? 1 : 0,
        retain: packet.retain,
        dup: packet.dup,
        packetId: packet.messageId ?? 0,
      }
    default:
      throw new Error(`no server sends ${packet.cmd}`)
  }
}

/** Everything that `bytes` gave, cut at `cuts`, and the error that ended it. */
function decodeAll(bytes: Uint8Array, cuts: readonly number[] = [], maxPacketBytes?: number) {
  const packets: Packet[] = []
  const decode = createDecoder((packet) => packets.push(packet), maxPacketBytes)
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  let error: unknown
  let start = 0
  try {
    for (const end of ends) {
      decode(bytes.slice(start, end))
      start = end
    }
  } catch (thrown) {
    error = thrown
  }
  return { packets, error: error instanceof Error ? `${error.name}: ${error.message}` : error, thrown: error }
}

/** What the independent codec reads from our bytes. */
function parseByPeer(bytes: Uint8Array): PeerPacket {
  const packets: PeerPacket[] = []
  const parser = mqttPacket.parser({ protocolVersion: 4 })
  parser.on('packet', (packet) => packets.push(packet))
  parser.on('error', (error) => {
    throw error
  })
  const rest = parser.parse(Buffer.from(bytes))
  expect(rest).toBe(0)
  expect(packets).toHaveLength(1)
  return packets[0] as PeerPacket
}

describe('decoding', () => {
  test('[MQTT-2.2.3] any cut of the byte stream gives the same packets, those of an independent encoder', () => {
    fc.assert(
      fc.property(
        fc.array(serverPacket, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (sent, cuts) => {
          const bytes = Buffer.concat(sent.map((packet) => mqttPacket.generate(packet)))
          const { packets, error } = decodeAll(bytes, cuts)
          expect(error).toBeUndefined()
          expect(
            packets.map((packet) => ('payload' in packet ? { ...packet, payload: [...packet.payload] } : packet)),
          ).toEqual(
            sent
              .map(translate)
              .map((packet) => ('payload' in packet ? { ...packet, payload: [...packet.payload] } : packet)),
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  test('[MQTT-4.8.0-1] random bytes, cut anywhere, throw a ProtocolError or nothing, the same for every cut', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), damagedStream),
        fc.array(fc.nat(), { maxLength: 20 }),
        (bytes, cuts) => {
          const whole = decodeAll(bytes)
          if (whole.thrown !== undefined) expect(whole.thrown).toBeInstanceOf(ProtocolError)
          expect(decodeAll(bytes, cuts)).toEqual(whole)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('[P7] a packet of a megabyte that comes byte by byte is read in linear time', () => {
    const sent: PeerPacket = {
      cmd: 'publish',
      topic: 't',
      payload: Buffer.alloc(1_048_000, 7),
      qos: 0,
      retain: false,
      dup: false,
    }
    const bytes = new Uint8Array(mqttPacket.generate(sent))
    const packets: Packet[] = []
    const decode = createDecoder((packet) => packets.push(packet))
    for (let at = 0; at < bytes.length; at++) decode(bytes.subarray(at, at + 1))
    expect(packets).toHaveLength(1)
  })

  test('[P7] a declared length above the limit is refused before its body comes, one at the limit is read', () => {
    expect(decodeAll(Uint8Array.of(0x30, 0x81, 0x80, 0x40)).thrown).toBeInstanceOf(ProtocolError)
    expect(decodeAll(Uint8Array.of(0x30, 0x80, 0x80, 0x40)).thrown).toBeUndefined()
    expect(decodeAll(Uint8Array.of(0x30, 5), [], 4).thrown).toBeInstanceOf(ProtocolError)
    expect(decodeAll(Uint8Array.of(0x30, 4, 0, 1, 97, 98), [], 4).packets).toHaveLength(1)
  })

  test('[MQTT-1.5.3-3] U+FEFF at the beginning of a topic is kept, any other well-formed text too', () => {
    const { packets } = decodeAll(Uint8Array.of(0x30, 6, 0, 4, 0xef, 0xbb, 0xbf, 97))
    expect(packets).toMatchObject([{ topic: '\ufeffa' }])
  })

  test('[MQTT-4.8.0-1] what came before a violation is delivered, whatever the cut', () => {
    const bytes = Uint8Array.of(0xd0, 0, 0x30, 3, 0, 1, 97, 0x62, 2, 0, 1)
    for (const cuts of [[], [1], [3, 8], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]) {
      const { packets, thrown } = decodeAll(bytes, cuts)
      expect(packets.map((packet) => packet.type)).toEqual(['pingresp', 'publish'])
      expect(thrown).toBeInstanceOf(ProtocolError)
    }
  })

  const malformed: [rule: string, what: string, ...bytes: number[]][] = [
    ['MQTT-2.2.3', 'a remaining length of five bytes', 0x30, 0x80, 0x80, 0x80, 0x80, 1],
    ['MQTT-2.2.2-1', 'packet type 0', 0x00, 0],
    ['MQTT-2.2.2-1', 'packet type 15', 0xf0, 0],
    ['MQTT-2.2.2-2', 'reserved flags of CONNACK', 0x21, 2, 0, 0],
    ['MQTT-2.2.2-2', 'reserved flags of PUBACK', 0x42, 2, 0, 1],
    ['MQTT-2.2.2-2', 'reserved flags of SUBACK', 0x92, 3, 0, 1, 0],
    ['MQTT-2.2.2-2', 'reserved flags of PINGRESP', 0xd1, 0],
    ['MQTT-3.2.2-1', 'CONNACK with reserved acknowledge flags', 0x20, 2, 2, 0],
    ['MQTT-3.2.2-4', 'CONNACK that refuses and has a session', 0x20, 2, 1, 5],
    ['MQTT-3.2.2-6', 'CONNACK with a reserved return code', 0x20, 2, 0, 6],
    ['MQTT-3.2', 'CONNACK of one byte', 0x20, 1, 0],
    ['MQTT-3.2', 'CONNACK of three bytes', 0x20, 3, 0, 0, 0],
    ['MQTT-3.3.1-2', 'DUP at QoS 0', 0x38, 3, 0, 1, 97],
    ['MQTT-3.3.1-4', 'PUBLISH with QoS 3', 0x36, 5, 0, 1, 97, 0, 1],
    ['MQTT-4.3.3', 'PUBLISH with QoS 2, which nobody asked for', 0x34, 5, 0, 1, 97, 0, 1],
    ['MQTT-3.3.2-1', 'PUBLISH without a topic', 0x30, 0],
    ['MQTT-3.3.2-1', 'PUBLISH with half a topic length', 0x30, 1, 0],
    ['MQTT-3.3.2-1', 'PUBLISH whose topic runs over the end', 0x30, 3, 0, 2, 97],
    ['MQTT-4.7.3-1', 'PUBLISH with an empty topic', 0x30, 2, 0, 0],
    ['MQTT-3.3.2-2', 'PUBLISH with + in the topic', 0x30, 3, 0, 1, 43],
    ['MQTT-3.3.2-2', 'PUBLISH with # in the topic', 0x30, 3, 0, 1, 35],
    ['MQTT-1.5.3-2', 'PUBLISH with NUL in the topic', 0x30, 3, 0, 1, 0],
    ['MQTT-1.5.3-1', 'PUBLISH with a topic that is not UTF-8', 0x30, 4, 0, 2, 0xc3, 0x28],
    ['MQTT-1.5.3-1', 'PUBLISH with a surrogate in UTF-8', 0x30, 5, 0, 3, 0xed, 0xa0, 0x80],
    ['MQTT-1.5.3-1', 'PUBLISH with an overlong slash', 0x30, 4, 0, 2, 0xc0, 0xaf],
    ['MQTT-2.3.1-1', 'PUBLISH at QoS 1 with packet id 0', 0x32, 5, 0, 1, 97, 0, 0],
    ['MQTT-2.3.1-1', 'PUBLISH at QoS 1 without a packet id', 0x32, 3, 0, 1, 97],
    ['MQTT-2.3.1-1', 'PUBLISH at QoS 1 with half a packet id', 0x32, 4, 0, 1, 97, 0],
    ['MQTT-2.3.1-6', 'PUBACK with packet id 0', 0x40, 2, 0, 0],
    ['MQTT-3.4', 'PUBACK of one byte', 0x40, 1, 1],
    ['MQTT-3.4', 'PUBACK of three bytes', 0x40, 3, 0, 1, 0],
    ['MQTT-3.9', 'SUBACK without codes', 0x90, 2, 0, 1],
    ['MQTT-3.9.3-2', 'SUBACK with a reserved code', 0x90, 3, 0, 1, 3],
    ['MQTT-2.3.1-7', 'SUBACK with packet id 0', 0x90, 3, 0, 0, 0],
    ['MQTT-2.3.1-7', 'UNSUBACK with packet id 0', 0xb0, 2, 0, 0],
    ['MQTT-3.11', 'UNSUBACK with a body', 0xb0, 3, 0, 1, 0],
    ['MQTT-3.13', 'PINGRESP with a body', 0xd0, 1, 0],
    ['MQTT-3.5', 'PUBREC, for nothing was sent at QoS 2', 0x50, 2, 0, 1],
    ['MQTT-3.6', 'PUBREL', 0x62, 2, 0, 1],
    ['MQTT-3.7', 'PUBCOMP', 0x70, 2, 0, 1],
    ['MQTT-3.1', 'CONNECT, which only clients send', 0x10, 2, 0, 0],
    ['MQTT-3.8', 'SUBSCRIBE, which only clients send', 0x82, 2, 0, 1],
    ['MQTT-3.12', 'PINGREQ, which only clients send', 0xc0, 0],
    ['MQTT-3.14', 'DISCONNECT, which only clients send', 0xe0, 0],
  ]
  test.each(malformed)('[%s] refused: %s', (_rule, _what, ...bytes) => {
    const { packets, thrown } = decodeAll(Uint8Array.from(bytes))
    expect(packets).toEqual([])
    expect(thrown).toBeInstanceOf(ProtocolError)
  })
})

describe('encoding, read by an independent codec', () => {
  test('[MQTT-3.1] CONNECT', () => {
    fc.assert(
      fc.property(
        fc.record({
          clientId: text,
          keepalive: fc.nat(0xffff),
          clean: fc.boolean(),
          login: fc.option(fc.record({ username: text, password: fc.option(text, { nil: undefined }) }), {
            nil: undefined,
          }),
          will: fc.option(fc.record({ topic, payload, qos: qos as fc.Arbitrary<0 | 1>, retain: fc.boolean() }), {
            nil: undefined,
          }),
        }),
        ({ clientId, keepalive, clean, login, will }) => {
          const bytes = encodeConnect({
            clientId,
            keepalive,
            clean,
            ...(login ? { username: login.username } : {}),
            ...(login?.password === undefined ? {} : { password: login.password }),
            ...(will ? { will } : {}),
          })
          expect(parseByPeer(bytes)).toMatchObject({
            cmd: 'connect',
            protocolId: 'MQTT',
            protocolVersion: 4,
            clientId,
            keepalive,
            clean,
            ...(login ? { username: login.username } : {}),
            ...(login?.password === undefined ? {} : { password: Buffer.from(login.password) }),
            ...(will ? { will: { ...will, payload: Buffer.from(will.payload) } } : {}),
          })
          expect('username' in parseByPeer(bytes)).toBe(login !== undefined)
        },
      ),
    )
  })

  test('[MQTT-3.3] PUBLISH', () => {
    fc.assert(
      fc.property(topic, fc.oneof(payload, text), packetId, (name, content, id) => {
        const expected = { cmd: 'publish', topic: name, payload: Buffer.from(content), retain: false, dup: false }
        expect(parseByPeer(encodePublish(name, content, 0, 0))).toMatchObject({ ...expected, qos: 0 })
        expect(parseByPeer(encodePublish(name, content, 1, id))).toMatchObject({ ...expected, qos: 1, messageId: id })
      }),
    )
  })

  test('[MQTT-2.2.3] PUBLISH with a remaining length at each size of its field', () => {
    for (const length of [127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
      const bytes = encodePublish('t', new Uint8Array(length - 3), 0, 0)
      expect(parseByPeer(bytes)).toMatchObject({ cmd: 'publish', length })
      expect(mqttPacket.generate(parseByPeer(bytes)).equals(bytes)).toBe(true)
    }
  })

  test('[MQTT-3.8] SUBSCRIBE and [MQTT-3.10] UNSUBSCRIBE', () => {
    const subscription = fc.record({ filter, qos: qos as fc.Arbitrary<0 | 1> })
    fc.assert(
      fc.property(packetId, fc.array(subscription, { minLength: 1, maxLength: 10 }), (messageId, subscriptions) => {
        expect(parseByPeer(encodeSubscribe(messageId, subscriptions))).toMatchObject({
          cmd: 'subscribe',
          messageId,
          subscriptions: subscriptions.map((one) => ({ topic: one.filter, qos: one.qos })),
        })
        const filters = subscriptions.map((one) => one.filter)
        expect(parseByPeer(encodeUnsubscribe(messageId, filters))).toMatchObject({
          cmd: 'unsubscribe',
          messageId,
          unsubscriptions: filters,
        })
      }),
    )
  })

  test('[MQTT-3.4] PUBACK, [MQTT-3.12] PINGREQ, [MQTT-3.14] DISCONNECT', () => {
    expect(parseByPeer(encodePuback(0x1234))).toMatchObject({ cmd: 'puback', messageId: 0x1234 })
    expect(parseByPeer(PINGREQ)).toMatchObject({ cmd: 'pingreq' })
    expect(parseByPeer(DISCONNECT)).toMatchObject({ cmd: 'disconnect' })
  })
})

describe('encoding refuses', () => {
  const connect = { clientId: 'c', clean: true, keepalive: 50 }
  const refused: [rule: string, what: string, encode: () => Uint8Array][] = [
    [
      'MQTT-3.1.3-8',
      'an empty client id with a lasting session',
      () => encodeConnect({ ...connect, clientId: '', clean: false }),
    ],
    ['MQTT-3.1.2-22', 'a password without a user name', () => encodeConnect({ ...connect, password: 'p' })],
    ['MQTT-3.1.2-24', 'a keepalive of 65536', () => encodeConnect({ ...connect, keepalive: 65_536 })],
    ['MQTT-3.1.2-24', 'a keepalive of half a second', () => encodeConnect({ ...connect, keepalive: 0.5 })],
    ['MQTT-3.1.2-24', 'a keepalive that is no number', () => encodeConnect({ ...connect, keepalive: Number.NaN })],
    ['MQTT-1.5.3-2', 'NUL in a user name', () => encodeConnect({ ...connect, username: 'a\0' })],
    ['MQTT-1.5.3', 'a client id of 65536 bytes', () => encodeConnect({ ...connect, clientId: 'x'.repeat(65_536) })],
    [
      'MQTT-3.3.2-2',
      'a will to a filter',
      () => encodeConnect({ ...connect, will: { topic: '#', payload: '', qos: 0 } }),
    ],
    ['MQTT-4.7.3-1', 'an empty topic', () => encodePublish('', 'x', 0, 0)],
    ['MQTT-3.3.2-2', '+ in a topic', () => encodePublish('rooms/+/send', 'x', 0, 0)],
    ['MQTT-3.3.2-2', '# in a topic', () => encodePublish('rooms/#', 'x', 0, 0)],
    ['MQTT-1.5.3-2', 'NUL in a topic', () => encodePublish('a\0b', 'x', 0, 0)],
    ['MQTT-1.5.3-1', 'half a surrogate pair in a topic', () => encodePublish('a\ud83d', 'x', 0, 0)],
    ['MQTT-2.2.3', 'more than 268,435,455 bytes', () => encodePublish('t', new Uint8Array(268_435_453), 0, 0)],
    ['MQTT-3.8.3-3', 'SUBSCRIBE without filters', () => encodeSubscribe(1, [])],
    ['MQTT-3.10.3-2', 'UNSUBSCRIBE without filters', () => encodeUnsubscribe(1, [])],
    ['MQTT-4.7.3-1', 'an empty filter', () => encodeUnsubscribe(1, [''])],
    ['MQTT-4.7.1-2', '# before the end', () => encodeUnsubscribe(1, ['a/#/b'])],
    ['MQTT-4.7.1-2', '# within a level', () => encodeUnsubscribe(1, ['a#'])],
    ['MQTT-4.7.1-3', '+ within a level', () => encodeUnsubscribe(1, ['a/b+'])],
  ]
  test.each(refused)('[%s] %s', (_rule, _what, encode) => {
    expect(encode).toThrow(RangeError)
  })
})
