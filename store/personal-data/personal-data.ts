import type { ChatEvent } from '../../protocol/events.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Transaction } from '../tables.ts'

/** An account that is being deleted. */
export type Deletion = {
  user: UserId
  /** In whose name remains what stays. */
  standIn: UserId
  messages: 'anonymise' | 'remove'
  /** Everything but the log is gone. */
  forgotten: boolean
}

export type LogEntry = { room: RoomId; event: ChatEvent }

/** What stands in the way of a deletion. */
export type Obstacles = {
  /** Rooms with other members whose last owner the user is. */
  rooms: { id: RoomId; name: string }[]
  /** The user is the last owner of the server, which has other accounts. */
  server: boolean
}

/** All that is kept about one person: to be handed over, and to be forgotten. */
export interface PersonalData {
  /** The files of an export that are made of rows, and their rows, page by page ([PD1]). Secrets are left out. */
  readonly files: readonly string[]
  rows(file: string, user: UserId): AsyncIterable<Record<string, unknown>>
  avatar(user: UserId): Promise<{ type: string; body: Uint8Array } | undefined>
  /** Everything that the user wrote, in rooms left and deleted too. */
  authored(user: UserId): AsyncIterable<LogEntry>
  /** Where messages name the user, in rooms that exist. */
  mentions(user: UserId): AsyncIterable<{ room: RoomId; seq: number }>

  /** Keeps a ticket for one export. */
  issueTicket(ticket: { hash: string; user: UserId; expiresAt: number }): Promise<void>
  /** Whose ticket it is; each is good once. */
  redeemTicket(hash: string, at: number): Promise<UserId | undefined>

  obstacles(user: UserId): Promise<Obstacles>
  /**
   * Begins a deletion: from now on nobody can sign in as the user, and nothing proves to be him; or answers what
   * stands in the way. Atomic, and one at a time: of two last owners one stays.
   */
  begin(deletion: Omit<Deletion, 'forgotten'> & { at: number }): Promise<Obstacles | undefined>
  /** Deletions under way, the oldest first. */
  deletions(): Promise<Deletion[]>
  roomsOf(user: UserId): Promise<RoomId[]>
  /** Who becomes owner when the user, the last one, goes: the highest in role, the longest there. */
  heir(room: RoomId, user: UserId, transaction: Transaction): Promise<UserId | undefined>
  /** Erases everything but the log, and reserves the name. The user is no member of any room any more. Atomic. */
  forget(deletion: Deletion): Promise<void>
  /**
   * Goes through the next part of the log. Answers the rooms that were rewritten, each with a new epoch, and whether
   * the end was reached; then the deletion is done and forgotten itself.
   */
  rewriteLog(deletion: Deletion): Promise<{ rooms: RoomId[]; done: boolean }>
}
