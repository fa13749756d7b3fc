/** Receives each whole packet: its first byte, and where its body lies. The bytes are valid only during the call. */
export type PacketHandler = (firstByte: number, bytes: Buffer, start: number, end: number) => void

// Shared by all readers: a read is worked off before the next one begins.
let joined = Buffer.allocUnsafe(1 << 17)

/** Cuts a stream of bytes into MQTT packets, however the stream was split. */
export class MqttReader {
  readonly #handle: PacketHandler
  #rest: Buffer = Buffer.alloc(0)
  #restLength = 0

  constructor(handle: PacketHandler) {
    this.#handle = handle
  }

  /** Throws when a remaining length has more than four bytes. */
  feed(bytes: Buffer, start: number, end: number): void {
    if (this.#restLength === 0) {
      this.#keep(bytes, this.#cut(bytes, start, end), end)
      return
    }
    const length = this.#restLength + end - start
    if (joined.length < length) joined = Buffer.allocUnsafe(length * 2)
    this.#rest.copy(joined, 0, 0, this.#restLength)
    bytes.copy(joined, this.#restLength, start, end)
    this.#keep(joined, this.#cut(joined, 0, length), length)
  }

  #cut(bytes: Buffer, start: number, end: number): number {
    let at = start
    while (end - at >= 2) {
      let body = at + 1
      let length = 0
      let shift = 0
      let byte = 128
      while (byte >= 128 && body < end) {
        if (shift > 21) throw new Error('a remaining length of more than four bytes')
        byte = bytes[body] ?? 0
        body += 1
        length |= (byte & 127) << shift
        shift += 7
      }
      if (byte >= 128 || end - body < length) break
      this.#handle(bytes[at] ?? 0, bytes, body, body + length)
      at = body + length
    }
    return at
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    const length = end - start
    if (length > this.#rest.length) this.#rest = Buffer.allocUnsafe(Math.max(512, length * 2))
    bytes.copy(this.#rest, 0, start, end)
    this.#restLength = length
  }
}
