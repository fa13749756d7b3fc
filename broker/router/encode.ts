/** MQTT PUBLISH packets from the server, encoded once for all who get them ([MQTT-3.3]). */
import { frameHeaderLength, writeFrameHeader } from '../wire/websocket-wire.ts'

const PUBLISH_QOS0 = 0x30
const PUBLISH_QOS1 = 0x32
const RETAIN = 0x01

/** WebSocket messages are kept below this, as some clients have small buffers. */
const MAX_FRAME_BYTES = 60 * 1024

const lengthOfLength = (length: number): number =>
  length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4

function writeLength(target: Buffer, offset: number, length: number): number {
  let rest = length
  do {
    const digit = rest & 0x7f
    rest >>= 7
    target[offset++] = rest > 0 ? digit | 0x80 : digit
  } while (rest > 0)
  return offset
}

/** One PUBLISH at QoS 0. */
export function encodePublish(topic: Buffer, payload: Buffer, retain: boolean): Buffer {
  const length = 2 + topic.length + payload.length
  const packet = Buffer.allocUnsafe(1 + lengthOfLength(length) + length)
  packet[0] = retain ? PUBLISH_QOS0 | RETAIN : PUBLISH_QOS0
  let offset = writeLength(packet, 1, length)
  offset = packet.writeUInt16BE(topic.length, offset)
  offset += topic.copy(packet, offset)
  payload.copy(packet, offset)
  return packet
}

type Assembled = { bytes: Buffer; idOffsets: number[] }

/** A run of events of one room in one view, as packets that every subscriber of the view can share. */
export class EncodedBatch {
  /** The seq of each packet; events without a form in this view have none. */
  readonly seqs: readonly number[]
  readonly #topic: Buffer
  readonly #payloads: readonly Buffer[]
  #mqtt: Assembled | undefined
  #websocket: Assembled | undefined
  #mqttQos1: Assembled | undefined
  #websocketQos1: Assembled | undefined

  constructor(topic: Buffer, payloads: readonly Buffer[], seqs: readonly number[]) {
    this.#topic = topic
    this.#payloads = payloads
    this.seqs = seqs
  }

  get count(): number {
    return this.#payloads.length
  }

  /** At QoS 0. */
  get mqtt(): Buffer {
    this.#mqtt ??= this.#assemble(0, false)
    return this.#mqtt.bytes
  }

  get websocket(): Buffer {
    this.#websocket ??= this.#assemble(0, true)
    return this.#websocket.bytes
  }

  /** A copy at QoS 1 with packet ids from `firstId` on, wrapping after 65535, framed for the transport. */
  withPacketIds(firstId: number, websocket: boolean): Buffer {
    const template = websocket ? this.#templateForWebSocket() : this.#templateForSocket()
    const bytes = Buffer.allocUnsafe(template.bytes.length)
    template.bytes.copy(bytes)
    let id = firstId
    for (const offset of template.idOffsets) {
      bytes[offset] = id >> 8
      bytes[offset + 1] = id & 0xff
      id = id === 0xffff ? 1 : id + 1
    }
    return bytes
  }

  #templateForSocket(): Assembled {
    this.#mqttQos1 ??= this.#assemble(1, false)
    return this.#mqttQos1
  }

  #templateForWebSocket(): Assembled {
    this.#websocketQos1 ??= this.#assemble(1, true)
    return this.#websocketQos1
  }

  #assemble(qos: 0 | 1, websocket: boolean): Assembled {
    const overhead = 2 + this.#topic.length + (qos === 1 ? 2 : 0)
    const sizes = this.#payloads.map((payload) => {
      const length = overhead + payload.length
      return 1 + lengthOfLength(length) + length
    })
    const frames = websocket ? splitIntoFrames(sizes) : []
    const framing = frames.reduce((sum, frame) => sum + frameHeaderLength(frame.bytes), 0)
    const bytes = Buffer.allocUnsafe(framing + sizes.reduce((sum, size) => sum + size, 0))
    const idOffsets: number[] = []
    let offset = 0
    let nextFrame = 0
    this.#payloads.forEach((payload, index) => {
      const frame = frames[nextFrame]
      if (frame?.first === index) {
        offset = writeFrameHeader(bytes, offset, frame.bytes)
        nextFrame++
      }
      bytes[offset++] = qos === 1 ? PUBLISH_QOS1 : PUBLISH_QOS0
      offset = writeLength(bytes, offset, overhead + payload.length)
      offset = bytes.writeUInt16BE(this.#topic.length, offset)
      offset += this.#topic.copy(bytes, offset)
      if (qos === 1) {
        idOffsets.push(offset)
        offset += 2
      }
      offset += payload.copy(bytes, offset)
    })
    return { bytes, idOffsets }
  }
}

/** Packets are not cut; each frame takes as many as fit. */
function splitIntoFrames(sizes: number[]): { first: number; bytes: number }[] {
  const frames: { first: number; bytes: number }[] = []
  for (const [index, size] of sizes.entries()) {
    const last = frames.at(-1)
    if (last === undefined || last.bytes + size > MAX_FRAME_BYTES) frames.push({ first: index, bytes: size })
    else last.bytes += size
  }
  return frames
}
