import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Transaction } from '../tables.ts'

export type BanEntry = {
  user: UserId
  displayName: string
  /** Milliseconds since 1970; the last time there is for a ban without end. */
  until: number
  reason?: string
  by: UserId
  at: number
}

/** Who may not come into which room. A ban ends by itself: what is over stays in the table and means nothing. */
export interface Bans {
  /** Those that last at `now`, by user id; `after`: the last one of the page before. */
  list(room: RoomId, query: { now: number; after?: UserId; limit: number }): Promise<BanEntry[]>
  /** Also one that is over. With a transaction: as it stands inside that change. */
  get(room: RoomId, user: UserId, transaction?: Transaction): Promise<BanEntry | undefined>
  /** In place of an earlier one. Throws `user_not_found`. */
  put(
    transaction: Transaction,
    ban: { room: RoomId; user: UserId; until: number; reason?: string; by: UserId; at: number },
  ): Promise<void>
  /** False: there was none. */
  remove(transaction: Transaction, room: RoomId, user: UserId): Promise<boolean>
}
