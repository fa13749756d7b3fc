import type { ChatEvent, EventDraft, HistoryPage } from '../../protocol/events.ts'
import type { CommandId, DeviceId, RoomId, Seq, UserId } from '../../protocol/ids.ts'
import type { Transaction } from '../tables.ts'

declare const archived: unique symbol

/** An event that is committed. Only the archive makes one, so nothing else can be fanned out ([P1]). */
export type ArchivedEvent = {
  readonly [archived]: true
  readonly room: RoomId
  readonly seq: Seq
  readonly draft: EventDraft
  /** `draft` as JSON text; with the seq in front it is the event as it goes over the wire. */
  readonly json: string
}

export type Append = {
  room: RoomId
  draft: EventDraft
  commandId?: CommandId
  /** A QoS 1 or 2 publish without a command id: how a retransmission of it is recognised ([P4]). */
  transmission?: { device: DeviceId; packetId: number; dup: boolean; payloadHash: string }
}

/** `duplicate`: the command was archived before; `event` is the one it became then. */
export type Appended = { event: ArchivedEvent; duplicate: boolean }

/** The durable, ordered events of rooms. */
export interface Archive {
  /**
   * Appends one event, in the order of calls. All calls that arrive while a commit is under way go into the next
   * one: one round trip for the batch. Resolves after the commit. Rejects with `room_not_found`, or `unavailable`
   * when the database does not answer in time; then nothing was acknowledged, and the same command may be sent again.
   */
  append(entry: Append): Promise<Appended>

  /**
   * Runs `work` and appends the drafts that it returns in one transaction, in turn with the batches of `append`.
   * The room's row is locked first. For changes of rooms and members, which are events too.
   */
  appendWith(room: RoomId, work: (transaction: Transaction) => Promise<EventDraft[]>): Promise<ArchivedEvent[]>

  /** Called once for every commit with its new events, in seq order within each room, before `append` resolves. */
  onCommitted(listener: (events: readonly ArchivedEvent[]) => void): void

  /** Whether the queue in front is full: the doors stop reading until `drained`. */
  readonly full: boolean
  /** Resolves when the queue has room again. */
  drained(): Promise<void>

  /** A page by seq: after a position oldest first, or the last `limit` before one; without either the last page. */
  page(query: { room: RoomId; after?: number; before?: number; limit: number; from?: number }): Promise<HistoryPage>
  /** What was missed in many rooms, in one round trip. `from`: the first seq that the reader may see. */
  catchUp(rooms: { room: RoomId; after: number; from?: number }[], limit: number): Promise<Map<RoomId, HistoryPage>>
  /** The events of one room with seq in (after, upTo], at most `limit`, ready for fan-out. */
  read(room: RoomId, after: number, limit: number): Promise<ArchivedEvent[]>
  find(room: RoomId, seq: number): Promise<ChatEvent | undefined>
  /** The last message of a member, also when it is deleted. */
  lastMessageOf(room: RoomId, author: UserId): Promise<ChatEvent | undefined>
  /** Messages whose `ttl` is over and that are not deleted yet, oldest first. `now`: milliseconds since 1970. */
  expired(now: number, limit: number): Promise<{ room: RoomId; seq: Seq; author: UserId }[]>
  /** The seq of the last event of each room; rooms that do not exist are absent. */
  heads(rooms: RoomId[]): Promise<Map<RoomId, number>>

  /** Figures for metrics: what waits, how long the last commits took. */
  stats(): { queued: number; queuedBytes: number; commits: number; events: number; lastCommitMs: number }
}
