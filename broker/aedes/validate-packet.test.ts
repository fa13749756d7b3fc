import fc from 'fast-check'
import { generate, type IConnectPacket, type Packet } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import { findViolation } from './validate-packet.ts'

const text = (value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}
const packet = (first: number, ...parts: (Buffer | number[] | string)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? text(part) : Buffer.from(part))))
  const length = body.length < 128 ? [body.length] : [(body.length & 0x7f) | 0x80, body.length >> 7]
  return Buffer.concat([Buffer.from([first, ...length]), body])
}
const connect = (flags: number, ...rest: (Buffer | number[] | string)[]) =>
  packet(0x10, 'MQTT', [4, flags, 0, 60], ...rest)
const subscribe = (filter: Buffer | string, qos = 0) => packet(0x82, [0, 1], text(filter), [qos])
const publish = (topic: Buffer | string) => packet(0x30, text(topic), Buffer.from('x'))

/** Ill-formed UTF-8 by kind (Unicode 15, table 3-7), and what MQTT forbids besides ([MQTT-1.5.3-1], [MQTT-1.5.3-2]). */
const illFormed: [string, number[]][] = [
  ['a lone continuation byte', [0x80]],
  ['two continuation bytes', [0xbf, 0x80]],
  ['a lead byte at the end', [0x61, 0xc3]],
  ['a cut sequence of three', [0xe2, 0x82]],
  ['a cut sequence of four', [0xf0, 0x9f, 0x92]],
  ['a lead byte before ASCII', [0xc3, 0x28]],
  ['a lead byte before a lead byte', [0xe2, 0x28, 0xa1]],
  ['an overlong slash', [0xc0, 0xaf]],
  ['an overlong U+0000', [0xc0, 0x80]],
  ['an overlong sequence of three', [0xe0, 0x80, 0xaf]],
  ['an overlong sequence of four', [0xf0, 0x80, 0x80, 0xaf]],
  ['a high surrogate', [0xed, 0xa0, 0x80]],
  ['a low surrogate', [0xed, 0xbf, 0xbf]],
  ['a surrogate pair in CESU-8', [0xed, 0xa1, 0x8c, 0xed, 0xbe, 0xb4]],
  ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ['a sequence of five', [0xf8, 0x88, 0x80, 0x80, 0x80]],
  ['0xFE', [0xfe]],
  ['0xFF', [0xff]],
  ['U+0000', [0x61, 0x00, 0x62]],
  ['a control character', [0x61, 0x07]],
  ['a C1 control character', [0xc2, 0x85]],
  ['a non-character', [0xef, 0xbf, 0xbf]],
]

describe('packets that close the connection', () => {
  const beforeConnect: [string, Buffer][] = [
    ['a PUBLISH first', publish('a')],
    ['a PINGREQ first', packet(0xc0)],
    ['CONNECT with flags in its first byte', packet(0x11, 'MQTT', [4, 2, 0, 60], 'a')],
    ['another protocol', packet(0x10, 'MQTX', [4, 2, 0, 60], 'a')],
    ['another level', packet(0x10, 'MQTT', [6, 2, 0, 60], 'a')],
    ['MQIsdp at level 4', packet(0x10, 'MQIsdp', [4, 2, 0, 60], 'a')],
    ['no protocol name', packet(0x10)],
    ['the reserved CONNECT flag', connect(0x03, 'a')],
    ['will QoS 3', connect(0x1e, 'a', 'will', 'x')],
    ['will QoS without a will', connect(0x0a, 'a')],
    ['will retain without a will', connect(0x22, 'a')],
    ['a will topic with a wildcard', connect(0x06, 'a', 'rooms/+/send', 'x')],
    ['an empty will topic', connect(0x06, 'a', '', 'x')],
    ['a will without a message', connect(0x06, 'a', 'will')],
    ['a password without a user name', connect(0x42, 'a', 'secret')],
    ['a user name that is missing', connect(0x82, 'a')],
    ['bytes behind the last field', connect(0x02, 'a', [0])],
    ['a client id longer than the packet', connect(0x02, [0x10, 0x00, 0x61])],
    ...illFormed.map(([what, bytes]): [string, Buffer] => [
      `${what} in the client id`,
      connect(2, text(Buffer.from(bytes))),
    ]),
    ...illFormed.map(([what, bytes]): [string, Buffer] => [
      `${what} in the will topic`,
      connect(6, 'a', text(Buffer.from(bytes)), 'x'),
    ]),
    ...illFormed.map(([what, bytes]): [string, Buffer] => [
      `${what} in the user name`,
      connect(0x82, 'a', text(Buffer.from(bytes))),
    ]),
  ]
  test.each(beforeConnect)('[MQTT-4.8.0-1] %s', (_what, bytes) => {
    expect(findViolation(bytes, false)).toEqual(expect.any(String))
  })

  const afterConnect: [string, Buffer][] = [
    ['a second CONNECT', connect(2, 'a')],
    ['CONNACK', packet(0x20, [0, 0])],
    ['SUBACK', packet(0x90, [0, 1, 0])],
    ['UNSUBACK', packet(0xb0, [0, 1])],
    ['PINGRESP', packet(0xd0)],
    ['type 0', packet(0x00)],
    ['type 15', packet(0xf0)],
    ['QoS 3', packet(0x36, 'a', [0, 1])],
    ['DUP at QoS 0', packet(0x38, 'a')],
    ['an empty topic', publish('')],
    ['a topic with +', publish('a/+')],
    ['a topic with #', publish('a#b')],
    ['a topic longer than the packet', packet(0x30, [0, 9, 0x61])],
    ['PUBLISH with packet id 0', packet(0x32, 'a', [0, 0])],
    ['PUBLISH without a packet id', packet(0x32, 'a')],
    ['PUBLISH with half a packet id', packet(0x34, 'a', [1])],
    ['an empty PUBLISH', packet(0x30)],
    ['SUBSCRIBE with other flags', packet(0x80, [0, 1], 'a', [0])],
    ['SUBSCRIBE with packet id 0', packet(0x82, [0, 0], 'a', [0])],
    ['SUBSCRIBE without filters', packet(0x82, [0, 1])],
    ['SUBSCRIBE without a QoS', packet(0x82, [0, 1], 'a')],
    ['SUBSCRIBE at QoS 3', subscribe('a', 3)],
    ['SUBSCRIBE with reserved QoS bits', subscribe('a', 0x41)],
    ['UNSUBSCRIBE with other flags', packet(0xa0, [0, 1], 'a')],
    ['UNSUBSCRIBE with packet id 0', packet(0xa2, [0, 0], 'a')],
    ['UNSUBSCRIBE without filters', packet(0xa2, [0, 1])],
    ['UNSUBSCRIBE with an empty filter', packet(0xa2, [0, 1], '')],
    ...['', 'a#', 'a/b#', '#/a', '##', 'a+', '+a', 'a+/b', 'a/+b', '++', 'a/#/b'].map((filter): [string, Buffer] => [
      `the filter ${JSON.stringify(filter)}`,
      subscribe(filter),
    ]),
    ['PUBACK with packet id 0', packet(0x40, [0, 0])],
    ['PUBACK without a packet id', packet(0x40)],
    ['PUBACK with more than an id', packet(0x40, [0, 1, 0])],
    ['PUBACK with flags', packet(0x42, [0, 1])],
    ['PUBREC with flags', packet(0x52, [0, 1])],
    ['PUBREL without its flags', packet(0x60, [0, 1])],
    ['PUBCOMP with flags', packet(0x72, [0, 1])],
    ['PINGREQ with a body', packet(0xc0, [0])],
    ['PINGREQ with flags', packet(0xc1)],
    ['DISCONNECT with a body', packet(0xe0, [0])],
    ['DISCONNECT with flags', packet(0xe1)],
    ...illFormed.map(([what, bytes]): [string, Buffer] => [`${what} in a topic`, publish(Buffer.from(bytes))]),
    ...illFormed.map(([what, bytes]): [string, Buffer] => [`${what} in a filter`, subscribe(Buffer.from(bytes))]),
  ]
  test.each(afterConnect)('[MQTT-4.8.0-1] %s', (_what, bytes) => {
    expect(findViolation(bytes, true)).toEqual(expect.any(String))
  })
})

describe('packets that may pass', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((value) => !/[+#\p{Cc}\p{Noncharacter_Code_Point}]/u.test(value))
  const filter = fc
    .array(
      fc.oneof(
        name.filter((value) => !value.includes('/')),
        fc.constant('+'),
        fc.constant(''),
      ),
      { minLength: 1, maxLength: 6 },
    )
    .chain((levels) => fc.constantFrom(levels.join('/'), [...levels, '#'].join('/')))
    .filter((value) => value.length > 0)
  const id = fc.integer({ min: 1, max: 65_535 })
  const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
  const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))

  const accepted = (value: Packet): void => {
    expect(findViolation(generate(value), value.cmd !== 'connect')).toBeUndefined()
  }

  test('[MQTT-3.1] every CONNECT that a library makes', () => {
    const will = fc.option(fc.record({ topic: name, payload, qos, retain: fc.boolean() }), { nil: undefined })
    const connects = fc.record({ name, clean: fc.boolean(), will, username: name, password: payload, keepalive: id })
    fc.assert(
      fc.property(
        connects,
        fc.boolean(),
        ({ name: clientId, clean, will: last, username, password, keepalive }, known) => {
          accepted({
            ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId, clean, keepalive },
            ...(known && { username, password }),
            ...(last !== undefined && { will: last }),
          } as IConnectPacket)
        },
      ),
    )
    accepted({ cmd: 'connect', protocolId: 'MQIsdp', protocolVersion: 3, clientId: 'old', clean: true, keepalive: 0 })
    accepted({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: '', clean: true, keepalive: 0 })
  })

  test('[MQTT-3.3] every PUBLISH', () => {
    const publishes = fc.record({ topic: name, payload, qos, retain: fc.boolean(), dup: fc.boolean(), messageId: id })
    fc.assert(
      fc.property(publishes, ({ dup, ...fields }) => {
        accepted({ cmd: 'publish', ...fields, dup: fields.qos > 0 && dup })
      }),
    )
  })

  test('[MQTT-3.8] [MQTT-3.10] every SUBSCRIBE and UNSUBSCRIBE', () => {
    const subscriptions = fc.array(fc.record({ topic: filter, qos }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(subscriptions, id, (list, messageId) => {
        accepted({ cmd: 'subscribe', messageId, subscriptions: list })
        accepted({ cmd: 'unsubscribe', messageId, unsubscriptions: list.map(({ topic }) => topic) })
      }),
    )
  })

  test('[MQTT-3.4] every acknowledgement, PINGREQ and DISCONNECT', () => {
    for (const cmd of ['puback', 'pubrec', 'pubrel', 'pubcomp'] as const) accepted({ cmd, messageId: 65_535 })
    accepted({ cmd: 'pingreq' })
    accepted({ cmd: 'disconnect' })
  })

  test('[MQTT-1.5.3-3] a byte order mark is a character, and the last planes are text', () => {
    for (const topic of ['\ufeffa', '𐀀', '\u{10fffd}', 'ñ', '日本'])
      expect(findViolation(publish(topic), true)).toBeUndefined()
  })

  test('[AUTH4] an MQTT 5 CONNECT, to be answered with code 1', () => {
    const five = generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 5,
      clientId: 'a',
      clean: true,
      keepalive: 9,
    })
    expect(findViolation(five, false)).toBeUndefined()
  })

  test('[TOP7] a subscription at QoS 2 is read as one at QoS 1', () => {
    const bytes = subscribe('a/b', 2)
    expect(findViolation(bytes, true)).toBeUndefined()
    expect(bytes).toEqual(subscribe('a/b', 1))
  })
})

describe('any bytes', () => {
  test('[MQTT-4.8.0-1] are judged, and never throw', () => {
    const body = fc.uint8Array({ maxLength: 120 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), body, fc.boolean(), (first, bytes, connected) => {
        const verdict = findViolation(packet(first, Buffer.from(bytes)), connected)
        expect(['string', 'undefined']).toContain(typeof verdict)
      }),
      { numRuns: 5_000 },
    )
  })
})
