import type { ArchivedEvent } from '../../domain/index.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import { VIEWS, type View } from '../../protocol/topics.ts'
import type { Connection, ViewSubscription } from '../connection.ts'
import type { MemberLeaf } from './interest.ts'

/** So many of the last events are kept for readers that fell a little behind. */
const TAIL_EVENTS = 256

/** Who on this node listens to one room. Exists while somebody does. */
export class Feed {
  readonly room: RoomId
  /** The last seq that was fanned out here; 0 before the first. */
  last = 0
  readonly views: Record<View, Set<ViewSubscription>> = { messages: new Set(), compact: new Set(), text: new Set() }
  readonly state = new Set<Connection>()
  readonly members: Record<MemberLeaf, Map<Connection, ReadonlySet<UserId | '+'>>> = {
    presence: new Map(),
    typing: new Map(),
    receipts: new Map(),
  }
  /** Consecutive, oldest first; kept only while somebody listens at QoS 1. */
  #tail: ArchivedEvent[] = []
  #qos1 = 0

  constructor(room: RoomId) {
    this.room = room
  }

  get empty(): boolean {
    const { presence, typing, receipts } = this.members
    return (
      VIEWS.every((view) => this.views[view].size === 0) &&
      this.state.size + presence.size + typing.size + receipts.size === 0
    )
  }

  add(subscription: ViewSubscription): void {
    this.views[subscription.view].add(subscription)
    if (subscription.qos === 1) this.#qos1++
  }

  remove(subscription: ViewSubscription): void {
    if (this.views[subscription.view].delete(subscription) && subscription.qos === 1) this.#qos1--
  }

  /** Takes note of a run of events that is being fanned out. */
  remember(events: readonly ArchivedEvent[]): void {
    if (this.#qos1 === 0) {
      this.#tail = []
      return
    }
    if (this.#tail.length > 0 && events[0]?.seq !== this.last + 1) this.#tail = []
    this.#tail.push(...events.slice(-TAIL_EVENTS))
    if (this.#tail.length > 2 * TAIL_EVENTS) this.#tail = this.#tail.slice(-TAIL_EVENTS)
  }

  /** The log says something else now: what is kept of it is not true any more. */
  forget(): void {
    this.#tail = []
  }

  /** The events after a position, when they are all still here. */
  recent(position: number): ArchivedEvent[] | undefined {
    const first = this.#tail[0]?.seq
    if (first === undefined || position + 1 < first) return undefined
    return this.#tail.slice(position + 1 - first)
  }
}
