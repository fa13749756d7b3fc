/** The few MQTT 3.1.1 packets that a publisher needs, byte by byte: packet ids and DUP flags are the test's own. */
export const CONNACK = 2
export const PUBLISH = 3
export const PUBACK = 4
export const PINGRESP = 13
export const PINGREQ = Buffer.from([0xc0, 0])

export type Packet = { type: number; flags: number; body: Buffer }
export type Will = { topic: string; payload: string }

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function frame(first: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length: number[] = []
  for (let rest = body.length; length.length === 0 || rest > 0; rest >>>= 7) {
    length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest)
  }
  return Buffer.concat([Buffer.from([first, ...length]), body])
}

/** Clean session; `keepAlive` in seconds. */
export function connectPacket(options: {
  clientId: string
  username: string
  password: string
  keepAlive?: number
  will?: Will
}): Buffer {
  const { clientId, username, password, keepAlive = 60, will } = options
  const flags = 0xc2 | (will === undefined ? 0 : 0x0c)
  const head = Buffer.from([4, flags, keepAlive >> 8, keepAlive & 0xff])
  const wills = will === undefined ? [] : [text(will.topic), text(will.payload)]
  return frame(0x10, text('MQTT'), head, text(clientId), ...wills, text(username), text(password))
}

/** QoS 1. */
export function publishPacket(topic: string, packetId: number, payload: Buffer, dup: boolean): Buffer {
  return frame(dup ? 0x3a : 0x32, text(topic), Buffer.from([packetId >> 8, packetId & 0xff]), payload)
}

/** Of a PUBLISH at QoS 0. */
export function readPublish({ body }: Packet): { topic: string; payload: string } {
  const end = 2 + body.readUInt16BE(0)
  return { topic: body.toString('utf8', 2, end), payload: body.toString('utf8', end) }
}

/** Takes packets from a stream of bytes. */
export function createParser(take: (packet: Packet) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      let length = 0
      let at = 1
      for (let shift = 0; ; shift += 7, at++) {
        const byte = rest[at]
        if (byte === undefined) return
        length |= (byte & 0x7f) << shift
        if (byte < 0x80) break
      }
      const [first = 0] = rest
      const end = at + 1 + length
      if (rest.length < end) return
      take({ type: first >> 4, flags: first & 15, body: rest.subarray(at + 1, end) })
      rest = rest.subarray(end)
    }
  }
}
