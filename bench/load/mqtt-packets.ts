/** The few MQTT 3.1.1 packets that a load generator writes. */

export const CONNACK = 2
export const PUBLISH = 3
export const PUBACK = 4
export const SUBACK = 9

const KEEP_ALIVE_SECONDS = 600

export function connectPacket(clientId: string, user?: string, password?: string): Buffer {
  const flags = 0x02 | (user === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40)
  const parts = [
    text('MQTT'),
    Buffer.from([4, flags, KEEP_ALIVE_SECONDS >> 8, KEEP_ALIVE_SECONDS & 255]),
    text(clientId),
  ]
  if (user !== undefined) parts.push(text(user))
  if (password !== undefined) parts.push(text(password))
  return packet(0x10, parts)
}

export function subscribePacket(filters: string[], qos: 0 | 1): Buffer {
  return packet(0x82, [Buffer.from([0, 1]), ...filters.flatMap((filter) => [text(filter), Buffer.from([qos])])])
}

/** At QoS 1. */
export function publishPacket(topic: string, packetId: number, payload: Buffer): Buffer {
  return packet(0x32, [text(topic), Buffer.from([packetId >> 8, packetId & 255]), payload])
}

export const disconnectPacket = Buffer.from([0xe0, 0])

function packet(firstByte: number, parts: Buffer[]): Buffer {
  let length = parts.reduce((sum, part) => sum + part.length, 0)
  const head = [firstByte]
  do {
    const rest = length >> 7
    head.push((length & 127) | (rest > 0 ? 128 : 0))
    length = rest
  } while (length > 0)
  return Buffer.concat([Buffer.from(head), ...parts])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])
}
