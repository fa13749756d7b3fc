/**
 * Refuses what MQTT 3.1.1 forbids and Aedes lets pass: every packet is checked whole before Aedes sees it. A violation
 * closes the connection ([MQTT-4.8.0-1]).
 */
import { isUtf8 } from 'node:buffer'
import { MAX_FILTERS_PER_SUBSCRIBE } from '../../protocol/limits.ts'

export const CONNECT = 1
export const PUBLISH = 3
export const PUBACK = 4
export const PUBREC = 5
export const PUBREL = 6
export const PUBCOMP = 7
export const SUBSCRIBE = 8
export const UNSUBSCRIBE = 10
export const PINGREQ = 12
export const DISCONNECT = 14

/** Reads fields of a packet one after another; `broken` once anything does not fit. */
class Reader {
  broken = false
  offset: number
  readonly packet: Buffer
  constructor(packet: Buffer) {
    this.packet = packet
    this.offset = 1
    while ((packet[this.offset++] as number) >= 0x80);
  }
  get left(): number {
    return this.packet.length - this.offset
  }
  byte(): number {
    const value = this.packet[this.offset++]
    if (value === undefined) this.broken = true
    return value ?? 0
  }
  uint16(): number {
    return this.byte() * 256 + this.byte()
  }
  bytes(): Buffer {
    const length = this.uint16()
    if (length > this.left) this.broken = true
    const value = this.packet.subarray(this.offset, this.offset + length)
    this.offset += length
    return value
  }
  /** [MQTT-1.5.3-1], [MQTT-1.5.3-2] and, as mosquitto does, no control or non-characters. */
  string(): Buffer {
    const value = this.bytes()
    if (!this.broken && !isPlainText(value)) this.broken = true
    return value
  }
}

const NON_TEXT = /[\p{Cc}\p{Noncharacter_Code_Point}]/u

function isPlainText(bytes: Buffer): boolean {
  let ascii = true
  for (const byte of bytes) {
    if (byte < 0x20 || byte === 0x7f) return false
    if (byte > 0x7f) ascii = false
  }
  return ascii || (isUtf8(bytes) && !NON_TEXT.test(bytes.toString()))
}

/** Answers what is wrong with a packet, for the log; `undefined` when nothing is. `connected`: CONNECT was accepted. */
export function findViolation(packet: Buffer, connected: boolean): string | undefined {
  const first = packet[0] as number
  const type = first >> 4
  if ((type === CONNECT) === connected) return connected ? 'second CONNECT' : 'first packet is not CONNECT'
  const flags = first & 0x0f
  const reader = new Reader(packet)
  switch (type) {
    case CONNECT:
      return flags === 0 ? checkConnect(reader) : 'CONNECT flags'
    case PUBLISH:
      return checkPublish(reader, flags)
    case SUBSCRIBE:
    case UNSUBSCRIBE:
      return flags === 2 ? checkFilters(reader, type === SUBSCRIBE) : 'SUBSCRIBE flags'
    case PUBACK:
    case PUBREC:
    case PUBREL:
    case PUBCOMP:
      if (flags !== (type === PUBREL ? 2 : 0)) return 'acknowledgement flags'
      return reader.left === 2 && reader.uint16() !== 0 ? undefined : 'acknowledgement without a packet id'
    case PINGREQ:
    case DISCONNECT:
      return flags === 0 && reader.left === 0 ? undefined : 'PINGREQ or DISCONNECT with a body'
    default:
      return 'a packet that only servers send'
  }
}

function checkConnect(reader: Reader): string | undefined {
  const name = reader.bytes().toString('latin1')
  const level = reader.byte()
  if (name === 'MQTT' && level === 5) return undefined // answered with return code 1
  if (!(name === 'MQTT' && level === 4) && !(name === 'MQIsdp' && level === 3)) return 'protocol name or level'
  const flags = reader.byte()
  reader.uint16() // keep-alive
  const will = (flags & 0x04) !== 0
  const willQos = (flags >> 3) & 3
  if ((flags & 1) !== 0) return 'reserved CONNECT flag'
  if (willQos === 3 || (!will && (flags & 0x38) !== 0)) return 'will flags'
  const user = (flags & 0x80) !== 0
  const password = (flags & 0x40) !== 0
  if (password && !user) return 'password without a user name'
  reader.string()
  if (will) {
    const topic = reader.string()
    if (!isTopicName(topic)) return 'will topic'
    reader.bytes()
  }
  if (user) reader.string()
  if (password) reader.bytes()
  return reader.broken || reader.left !== 0 ? 'CONNECT fields' : undefined
}

function checkPublish(reader: Reader, flags: number): string | undefined {
  const qos = (flags >> 1) & 3
  if (qos === 3) return 'QoS 3'
  if (qos === 0 && (flags & 8) !== 0) return 'DUP at QoS 0'
  const topic = reader.string()
  if (reader.broken || !isTopicName(topic)) return 'topic name'
  if (qos > 0 && reader.uint16() === 0) return 'packet id 0'
  return reader.broken ? 'PUBLISH fields' : undefined
}

function checkFilters(reader: Reader, withQos: boolean): string | undefined {
  if (reader.uint16() === 0) return 'packet id 0'
  if (reader.left === 0) return 'no filters'
  for (let count = 0; reader.left > 0; count++) {
    const filter = reader.string()
    if (reader.broken || !isFilter(filter)) return 'topic filter'
    if (!withQos) continue
    const qos = reader.byte()
    if (reader.broken || qos > 2) return 'requested QoS'
    // QoS 2 is granted as 1: Aedes answers what was asked, so the request is lowered before it sees it.
    if (qos === 2) reader.packet[reader.offset - 1] = 1
    if (count >= 10 * MAX_FILTERS_PER_SUBSCRIBE) return 'too many filters'
  }
  return undefined
}

const PLUS = 0x2b
const HASH = 0x23
const SLASH = 0x2f

const isTopicName = (topic: Buffer): boolean => topic.length > 0 && !topic.includes(PLUS) && !topic.includes(HASH)

/** [MQTT-4.7.1-2], [MQTT-4.7.1-3]: `#` alone and last, `+` alone in its level. */
function isFilter(filter: Buffer): boolean {
  if (filter.length === 0) return false
  for (let i = 0; i < filter.length; i++) {
    const byte = filter[i]
    if (byte !== PLUS && byte !== HASH) continue
    if (i > 0 && filter[i - 1] !== SLASH) return false
    if (byte === HASH && i !== filter.length - 1) return false
    if (byte === PLUS && i !== filter.length - 1 && filter[i + 1] !== SLASH) return false
  }
  return true
}
