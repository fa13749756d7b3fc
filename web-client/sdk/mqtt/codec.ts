// The bytes of MQTT 3.1.1 (OASIS standard, 29 October 2014), client side, QoS 0 and 1. Everything that depends on the
// version of MQTT is in this file.

/** Quality of service this client speaks. */
export type Qos = 0 | 1

/** Text is sent as UTF-8. */
export type Payload = string | Uint8Array

/** The message the server publishes for us when the connection breaks. */
export type Will = { topic: string; payload: Payload; qos: Qos; retain?: boolean }

/** Who connects. `keepalive` in seconds, 0 to 65535, 0 = off; a password needs a user name. */
export type Credentials = {
  clientId: string
  username?: string
  password?: string
  clean: boolean
  keepalive: number
  will?: Will
}

/** A topic filter and the highest QoS asked for. */
export type Subscription = { filter: string; qos: Qos }

/** Answer to a request with a packet id. `granted`: of a SUBACK one code per filter (0, 1, 2 or 0x80), else empty. */
export type Acknowledgement = { type: 'puback' | 'suback' | 'unsuback'; packetId: number; granted: number[] }

/** Answer to CONNECT. `returnCode` 0 = accepted, 1 to 5 = refused (4, 5: the credentials). */
export type Connack = { type: 'connack'; returnCode: number; sessionPresent: boolean }

/** A message from the server. `packetId` is 0 at QoS 0. */
export type Publish = {
  type: 'publish'
  topic: string
  payload: Uint8Array
  qos: Qos
  retain: boolean
  dup: boolean
  packetId: number
}

/** What a server may send to this client. */
export type Packet = Connack | Publish | Acknowledgement | { type: 'pingresp' }

/** The server broke the protocol; the connection must be closed [MQTT-4.8.0-1]. */
export class ProtocolError extends Error {
  override name = 'ProtocolError'
}

/** Bytes ready to send, in memory that is not shared, as the browser's WebSocket wants it. */
export type Encoded = Uint8Array<ArrayBuffer>

type Bytes = ArrayLike<number>

const MAX_REMAINING_LENGTH = 268_435_455
const DEFAULT_MAX_PACKET_BYTES = 1_048_576
const utf8 = new TextEncoder()
// A leading U+FEFF is part of the text [MQTT-1.5.3-3].
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** PINGREQ (section 3.12). */
export const PINGREQ: Encoded = packet(0xc0)

/** DISCONNECT (section 3.14). */
export const DISCONNECT: Encoded = packet(0xe0)

/** CONNECT (section 3.1). Throws RangeError for what the standard forbids. */
export function encodeConnect({ clientId, username, password, clean, keepalive, will }: Credentials): Encoded {
  if (!clientId && !clean) refuse('no client id') // [MQTT-3.1.3-8]
  if (password !== undefined && username === undefined) refuse('no user name') // [MQTT-3.1.2-22]
  if (keepalive !== (keepalive & 0xffff)) refuse('bad keepalive')
  const flags = clean ? 2 : 0
  const willFlags = will ? 4 | (will.qos << 3) | (will.retain ? 32 : 0) : 0
  const userFlags = (username === undefined ? 0 : 128) | (password === undefined ? 0 : 64)
  return packet(
    0x10,
    ...text('MQTT'),
    [4, flags | willFlags | userFlags],
    uint16(keepalive),
    ...text(clientId),
    ...(will ? [...topicName(will.topic), ...sized(payloadBytes(will.payload))] : []),
    ...(username === undefined ? [] : text(username)),
    ...(password === undefined ? [] : text(password)),
  )
}

/** PUBLISH (section 3.3), first sending, not retained. `packetId` is left out at QoS 0. Throws RangeError. */
export function encodePublish(topic: string, payload: Payload, qos: Qos, packetId: number): Encoded {
  return packet(0x30 | (qos << 1), ...topicName(topic), qos ? uint16(packetId) : [], payloadBytes(payload))
}

/** PUBACK (section 3.4). */
export function encodePuback(packetId: number): Encoded {
  return packet(0x40, uint16(packetId))
}

/** SUBSCRIBE (section 3.8). Throws RangeError for no filter or a malformed one. */
export function encodeSubscribe(packetId: number, subscriptions: readonly Subscription[]): Encoded {
  if (!subscriptions.length) refuse('no filter') // [MQTT-3.8.3-3]
  return packet(0x82, uint16(packetId), ...subscriptions.flatMap(({ filter, qos }) => [...topicFilter(filter), [qos]]))
}

/** UNSUBSCRIBE (section 3.10). Throws RangeError for no filter or a malformed one. */
export function encodeUnsubscribe(packetId: number, filters: readonly string[]): Encoded {
  if (!filters.length) refuse('no filter') // [MQTT-3.10.3-2]
  return packet(0xa2, uint16(packetId), ...filters.flatMap(topicFilter))
}

/**
 * A decoder for one connection: give it the bytes in order, cut anywhere; it calls `onPacket` for each packet as soon as
 * that is complete. Time and memory are linear in the bytes; nothing above `maxPacketBytes` (remaining length) is
 * kept. Throws ProtocolError at the first violation, and what `onPacket` throws; not usable after either.
 */
export function createDecoder(
  onPacket: (packet: Packet) => void,
  maxPacketBytes: number = DEFAULT_MAX_PACKET_BYTES,
): (chunk: Uint8Array) => void {
  let first: number | undefined
  let length = 0
  let scale = 1
  let body: Uint8Array | undefined
  let filled = 0
  const readHeader = (byte: number): void => {
    if (first === undefined) {
      first = byte
      return
    }
    length += (byte & 127) * scale
    if (length > maxPacketBytes) violation('packet too large')
    if (byte < 128) body = new Uint8Array(length)
    else if (scale === 128 ** 3) violation('bad length')
    scale *= 128
  }
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (body) {
        const part = chunk.subarray(at, at + body.length - filled)
        body.set(part, filled)
        filled += part.length
        at += part.length
      } else {
        readHeader(chunk[at++] ?? 0)
      }
      if (first !== undefined && body && filled === body.length) {
        const complete = parse(first, body)
        first = body = undefined
        length = filled = 0
        scale = 1
        onPacket(complete)
      }
    }
  }
}

function parse(first: number, body: Uint8Array): Packet {
  if (first >> 4 === 3) return parsePublish(first & 15, body)
  switch (first) {
    case 0x20:
      return parseConnack(body)
    case 0x40:
      return acknowledgement('puback', body, body.length === 2)
    case 0x90:
      return acknowledgement('suback', body, body.length > 2)
    case 0xb0:
      return acknowledgement('unsuback', body, body.length === 2)
    case 0xd0:
      return body.length ? violation('bad pingresp') : { type: 'pingresp' }
    default:
      return violation(`unexpected packet ${first}`) // [MQTT-2.2.2-2]
  }
}

function parseConnack(body: Uint8Array): Connack {
  const [flags = 2, returnCode = 6] = body
  if (body.length !== 2 || flags > 1 || returnCode > 5 || (flags && returnCode)) violation('bad connack')
  return { type: 'connack', returnCode, sessionPresent: flags === 1 }
}

function parsePublish(flags: number, body: Uint8Array): Publish {
  const qos = (flags >> 1) & 3
  const dup = flags > 7
  if (qos > 1) violation('bad QoS') // [MQTT-3.3.1-4]
  if (dup && !qos) violation('bad DUP') // [MQTT-3.3.1-2]
  const end = 2 + uint16At(body, 0)
  if (end > body.length) violation('packet too short')
  const topic = decodeText(body.subarray(2, end))
  if (!isTopicName(topic)) violation('bad topic') // [MQTT-3.3.2-2]
  const packetId = qos ? packetIdAt(body, end) : 0
  const payload = body.subarray(qos ? end + 2 : end)
  return { type: 'publish', topic, payload, qos: qos ? 1 : 0, retain: (flags & 1) === 1, dup, packetId }
}

function acknowledgement(type: Acknowledgement['type'], body: Uint8Array, fits: boolean): Acknowledgement {
  const granted = [...body.subarray(2)]
  if (!fits || granted.some((code) => code > 2 && code !== 0x80)) violation(`bad ${type}`) // [MQTT-3.9.3-2]
  return { type, packetId: packetIdAt(body, 0), granted }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    // The decoder's TypeError says no more than this.
    return violation('not UTF-8') // [MQTT-1.5.3-1]
  }
}

function packetIdAt(body: Uint8Array, at: number): number {
  return uint16At(body, at) || violation('packet id 0') // [MQTT-2.3.1-1]
}

function uint16At(body: Uint8Array, at: number): number {
  const [high, low] = body.subarray(at)
  return high === undefined || low === undefined ? violation('packet too short') : high * 256 + low
}

function violation(what: string): never {
  throw new ProtocolError(what)
}

function refuse(what: string): never {
  throw new RangeError(what)
}

function isTopicName(topic: string): boolean {
  return topic !== '' && !/[+#]/.test(topic) && !topic.includes('\0')
}

function topicName(topic: string): Bytes[] {
  return isTopicName(topic) ? text(topic) : refuse('bad topic') // [MQTT-3.3.2-2]
}

function topicFilter(filter: string): Bytes[] {
  const levels = filter.split('/')
  const fits = levels.every(
    (level, at) => level === '+' || (level === '#' && at === levels.length - 1) || !/[+#]/.test(level),
  )
  return fits && filter ? text(filter) : refuse('bad filter') // [MQTT-4.7.1-2]
}

function payloadBytes(payload: Payload): Bytes {
  return typeof payload === 'string' ? utf8.encode(payload) : payload
}

function text(value: string): Bytes[] {
  if (value.includes('\0') || /\p{Surrogate}/u.test(value)) refuse('bad text') // [MQTT-1.5.3-2]
  return sized(utf8.encode(value))
}

function sized(bytes: Bytes): Bytes[] {
  return bytes.length > 0xffff ? refuse('too long') : [uint16(bytes.length), bytes]
}

function uint16(value: number): Bytes {
  return [value >> 8, value & 255]
}

function packet(first: number, ...parts: Bytes[]): Encoded {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (length > MAX_REMAINING_LENGTH) refuse('packet too large')
  const header = [first]
  let rest = length
  for (; rest > 127; rest >>= 7) header.push((rest & 127) | 128)
  header.push(rest)
  const bytes = new Uint8Array(header.length + length)
  let at = 0
  for (const part of [header, ...parts]) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
