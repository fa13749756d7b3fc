import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Receipt } from '../../protocol/presence.ts'

export type MarkAdvance = { room: RoomId; user: UserId; read?: number; delivered?: number }
export type Membership = { room: RoomId; user: UserId }
/** Of one member, as of the room's `head`. */
export type Counts = Membership & { head: number; unread: number; mentions: number }

/** How far members have read and been delivered. */
export interface Marks {
  /**
   * Moves marks forward, never back and never past the room's head; what is read is delivered. Answers in the order
   * of `advances` where the member's marks stand now; `undefined` for who is not a member.
   */
  advance(advances: readonly MarkAdvance[]): Promise<(Receipt | undefined)[]>
  /** Where a member stands: zeros before the first mark, `undefined` when not a member. */
  get(room: RoomId, user: UserId): Promise<Receipt | undefined>
  /** Marks of all members of a room that have set one. */
  list(room: RoomId): Promise<(Receipt & { user: UserId })[]>
  /** Unread messages and mentions of members, in no order; who is not a member is absent. */
  counts(of: readonly Membership[]): Promise<Counts[]>
}
