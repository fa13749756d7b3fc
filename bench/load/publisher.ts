import type { Connection } from './connection.ts'
import { formatMark, MARK_BYTES } from './mark.ts'
import { publishPacket } from './mqtt-packets.ts'
import type { LoadPlan } from './plan.ts'
import { microseconds, type Tally } from './tally.ts'

// What an event has besides its text: {"seq":123456,"id":"(26)","type":"message","from":"bench","at":(13),"text":""}
const EVENT_FRAME_BYTES = 109

/** One connection that writes to one room at QoS 1. */
export class Publisher {
  readonly index: number
  readonly room: number
  inFlight = 0
  readonly #plan: LoadPlan
  readonly #run: number
  readonly #tally: Tally
  readonly #connection: Connection
  readonly #topic: string
  readonly #padding: string
  #number = 0

  constructor(plan: LoadPlan, run: number, tally: Tally, index: number, connection: Connection) {
    this.#plan = plan
    this.#run = run
    this.#tally = tally
    this.index = index
    this.#connection = connection
    this.room = index % plan.rooms.length
    this.#topic = plan.publishTopic.replace('{room}', plan.rooms[this.room] ?? '')
    const frame = plan.payload === 'command' ? EVENT_FRAME_BYTES : 0
    this.#padding = 'x'.repeat(Math.max(0, plan.payloadBytes - frame - MARK_BYTES))
  }

  /** Writes as much as the window and the deliveries under way allow; false when the latter stopped it. */
  fill(): boolean {
    const { window = 1, outstanding = 0 } = this.#plan
    const audience = this.#tally.audience[this.room] ?? 0
    const packets: Buffer[] = []
    let free = true
    while (this.inFlight < window) {
      free = outstanding === 0 || this.#tally.outstanding === 0 || this.#tally.outstanding + audience <= outstanding
      if (!free) break
      packets.push(this.#next(microseconds()))
    }
    if (packets.length > 0) this.#connection.write(Buffer.concat(packets))
    return free
  }

  /** Writes one message that was due at `stamp`. */
  publish(stamp: number): void {
    this.#connection.write(this.#next(stamp))
  }

  #next(stamp: number): Buffer {
    this.#number += 1
    this.inFlight += 1
    this.#tally.notePublished(this.room)
    const text = formatMark(this.#run, stamp, this.index, this.#number) + this.#padding
    return publishPacket(this.#topic, ((this.#number - 1) % 65535) + 1, Buffer.from(this.#payload(text)))
  }

  #payload(text: string): string {
    if (this.#plan.payload === 'plain') return text
    const id = `01${this.#run}-${this.index}-${this.#number}`.padEnd(26, 'Z')
    return `{"type":"message","id":"${id}","text":"${text}"}`
  }
}
