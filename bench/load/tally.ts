import { Histogram } from './histogram.ts'
import { MarkReader, readSeq } from './mark.ts'
import { OrderCheck } from './order-check.ts'
import type { LoadPlan } from './plan.ts'

/** The generator's clock: microseconds since it started. */
export const microseconds = (): number => performance.now() * 1000

/** Counts what was sent and checks what arrived. */
export class Tally {
  /** Ready subscribers of each room. */
  readonly audience: number[]
  published = 0
  acknowledged = 0
  deliveries = 0
  duplicated = 0
  outOfOrder = 0
  /** Deliveries without a mark of this run, and the first of them. */
  foreign = 0
  firstForeign: string | undefined
  /** Deliveries that published messages still owe. */
  outstanding = 0
  latency = new Histogram()
  lastProgress = microseconds()
  readonly #plan: LoadPlan
  readonly #mark: MarkReader
  readonly #byPublisher: OrderCheck
  readonly #bySeq: OrderCheck
  readonly #publishersPerRoom: number
  #expected = 0
  #unique = 0

  constructor(plan: LoadPlan, run: number) {
    this.#plan = plan
    this.#mark = new MarkReader(run)
    this.audience = plan.rooms.map(() => 0)
    this.#publishersPerRoom = Math.ceil(plan.publishers / plan.rooms.length) || 1
    const rooms = plan.subscribers * plan.roomsPerSubscriber
    this.#byPublisher = new OrderCheck(rooms * this.#publishersPerRoom)
    this.#bySeq = new OrderCheck(plan.payload === 'command' ? rooms : 0)
  }

  get lost(): number {
    return this.#expected - this.#unique
  }

  notePublished(room: number): void {
    const audience = this.audience[room] ?? 0
    this.published += 1
    this.#expected += audience
    this.outstanding += audience
  }

  /** A subscriber left: what was under way to it is not waited for. */
  noteLeft(rooms: number[]): void {
    for (const room of rooms) this.audience[room] = (this.audience[room] ?? 1) - 1
  }

  noteDelivered(subscriber: number, bytes: Buffer, start: number, end: number, now: number): void {
    const mark = this.#mark
    if (!mark.read(bytes, start, end)) {
      this.foreign += 1
      this.firstForeign ??= bytes.toString('utf8', start, end)
      return
    }
    const { rooms, roomsPerSubscriber, payload } = this.#plan
    const slot = (mark.publisher - subscriber) % rooms.length
    const track = subscriber * roomsPerSubscriber + (slot < 0 ? slot + rooms.length : slot)
    const publisherTrack = track * this.#publishersPerRoom + Math.floor(mark.publisher / rooms.length)
    let verdict = this.#byPublisher.note(publisherTrack, mark.number)
    if (payload === 'command') {
      const bySeq = this.#bySeq.note(track, readSeq(bytes, start, end))
      if (verdict === 'next') verdict = bySeq
    }
    this.deliveries += 1
    this.lastProgress = now
    if (verdict === 'duplicate') this.duplicated += 1
    else {
      if (verdict === 'late') this.outOfOrder += 1
      this.#unique += 1
      if (this.outstanding > 0) this.outstanding -= 1
    }
    this.latency.add(now - mark.stamp)
  }
}
