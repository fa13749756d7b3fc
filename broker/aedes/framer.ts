/** Splits a stream of bytes into whole MQTT packets, bounded by size on the announced length ([MQTT-2.2.3]). */

export type FramerFault = 'too_large' | 'malformed'

const MAX_LENGTH_BYTES = 4

export class Framer {
  /** Announced sizes above this are refused; 0 = no limit. */
  maxPacketBytes: number
  /** Bytes of a fixed header, of which the rest may be in the next chunk. */
  readonly #header: number[] = []
  #headerLength = 0
  #packet: Buffer | undefined
  #filled = 0

  constructor(maxPacketBytes: number) {
    this.maxPacketBytes = maxPacketBytes
  }

  /** Gives every packet that is whole to `onPacket`, which answers whether to go on. Never throws. */
  push(chunk: Buffer, onPacket: (packet: Buffer) => boolean): FramerFault | undefined {
    let offset = 0
    while (offset < chunk.length) {
      if (this.#packet === undefined) {
        const start = this.#headerLength === 0 ? offset : -1
        const length = this.#readHeader(chunk, offset)
        if (length === 'malformed') return 'malformed'
        if (length === undefined) return undefined // the header goes on in the next chunk
        const taken = this.#headerLength - this.#headerBefore
        const total = this.#headerLength + length
        if (this.maxPacketBytes > 0 && total > this.maxPacketBytes) return 'too_large'
        if (start >= 0 && start + total <= chunk.length) {
          this.#headerLength = 0
          offset = start + total
          if (!onPacket(chunk.subarray(start, offset))) return undefined
          continue
        }
        this.#packet = Buffer.allocUnsafe(total)
        this.#packet.set(this.#header.slice(0, this.#headerLength))
        this.#filled = this.#headerLength
        this.#headerLength = 0
        offset += taken
      }
      const packet: Buffer = this.#packet
      const copied = chunk.copy(packet, this.#filled, offset)
      this.#filled += copied
      offset += copied
      if (this.#filled < packet.length) return undefined
      this.#packet = undefined
      if (!onPacket(packet)) return undefined
    }
    return undefined
  }

  #headerBefore = 0

  /** Collects the fixed header; answers the remaining length, `undefined` when bytes are missing. */
  #readHeader(chunk: Buffer, from: number): number | 'malformed' | undefined {
    this.#headerBefore = this.#headerLength
    for (let i = from; i < chunk.length; i++) {
      this.#header[this.#headerLength++] = chunk[i] as number
      if (this.#headerLength >= 2 && (chunk[i] as number) < 0x80) return this.#length()
      if (this.#headerLength > MAX_LENGTH_BYTES) return 'malformed'
    }
    return undefined
  }

  #length(): number {
    let length = 0
    for (let i = 1; i < this.#headerLength; i++) length += ((this.#header[i] as number) & 0x7f) * 128 ** (i - 1)
    return length
  }
}
