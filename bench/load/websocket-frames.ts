/** The client's half of RFC 6455, as much of it as MQTT needs: one upgrade, masked binary frames out, unmasked frames in. */

// A real key: servers skip the work of unmasking when it is zero.
const MASK = Buffer.from([0x5a, 0xc3, 0x17, 0x8e])

export function upgradeRequest(host: string, path: string): Buffer {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: mqtt',
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}

/** One frame of a client; `opcode` 2 is binary, 10 a pong. */
export function clientFrame(payload: Buffer, opcode = 2): Buffer {
  const extended = payload.length < 126 ? 0 : payload.length < 65536 ? 2 : 8
  const head = 2 + extended
  const frame = Buffer.allocUnsafe(head + 4 + payload.length)
  frame[0] = 0x80 | opcode
  frame[1] = 0x80 | (extended === 0 ? payload.length : extended === 2 ? 126 : 127)
  if (extended === 2) frame.writeUInt16BE(payload.length, 2)
  if (extended === 8) frame.writeBigUInt64BE(BigInt(payload.length), 2)
  MASK.copy(frame, head)
  for (let at = 0; at < payload.length; at += 1) frame[head + 4 + at] = (payload[at] ?? 0) ^ (MASK[at & 3] ?? 0)
  return frame
}

export type FrameHandlers = {
  /** A piece of a message; pieces come as they arrive, not gathered to whole frames. */
  data: (bytes: Buffer, start: number, end: number) => void
  ping: (payload: Buffer) => void
  close: () => void
}

/** Takes the frames of a server apart, however the stream was split. */
export class FrameReader {
  readonly #handlers: FrameHandlers
  // An incomplete header or control frame.
  #rest: Buffer = Buffer.alloc(0)
  #payloadLeft = 0

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers
  }

  /** Throws when the server masks its frames. */
  feed(chunk: Buffer, chunkStart: number, chunkEnd: number): void {
    let bytes = chunk
    let at = chunkStart
    let end = chunkEnd
    if (this.#rest.length > 0) {
      bytes = Buffer.concat([this.#rest, chunk.subarray(chunkStart, chunkEnd)])
      this.#rest = Buffer.alloc(0)
      at = 0
      end = bytes.length
    }
    while (at < end) {
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, end - at)
        this.#payloadLeft -= taken
        this.#handlers.data(bytes, at, at + taken)
        at += taken
        continue
      }
      const next = this.#head(bytes, at, end)
      if (next === undefined) {
        this.#rest = Buffer.from(bytes.subarray(at, end))
        return
      }
      at = next
    }
  }

  /** Where the payload of a data frame, or what follows a control frame, begins; undefined when more bytes are needed. */
  #head(bytes: Buffer, at: number, end: number): number | undefined {
    if (end - at < 2) return undefined
    const second = bytes[at + 1] ?? 0
    if (second & 0x80) throw new Error('the server masks its frames')
    const size = second < 126 ? 2 : second === 126 ? 4 : 10
    if (end - at < size) return undefined
    const length = size === 2 ? second : size === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
    const opcode = (bytes[at] ?? 0) & 15
    if (opcode < 8) {
      this.#payloadLeft = length
      return at + size
    }
    const next = at + size + length
    if (next > end) return undefined
    if (opcode === 8) this.#handlers.close()
    if (opcode === 9) this.#handlers.ping(Buffer.from(bytes.subarray(at + size, next)))
    return next
  }
}
