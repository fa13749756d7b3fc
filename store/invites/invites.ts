import type { Role } from '../../protocol/events.ts'
import type { Invitation, InvitedRole, PendingInvitation } from '../../protocol/http/invites.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Transaction } from '../tables.ts'

/** People who are wanted in rooms, until they answer or are in. Times in milliseconds since 1970. */
export interface Invitations {
  /**
   * Invites somebody, or changes the role that he is invited to. `full`: the room has invited, or the user has been
   * invited by, as many as `limits` allows. Throws `user_not_found`.
   */
  put(
    transaction: Transaction,
    invitation: { room: RoomId; user: UserId; role: InvitedRole; by: UserId; at: number },
    limits: { ofRoom: number; ofUser: number },
  ): Promise<'added' | 'unchanged' | 'full'>
  get(
    room: RoomId,
    user: UserId,
    transaction?: Transaction,
  ): Promise<{ role: InvitedRole; by: UserId; at: number } | undefined>
  /** False: there was none. */
  remove(room: RoomId, user: UserId, transaction?: Transaction): Promise<boolean>
  /**
   * The invitations of a user, the newest first: not those to rooms that he is banned from or that are gone, nor from
   * people whom he has blocked.
   */
  ofUser(user: UserId, at: number): Promise<Invitation[]>
  /** How many `ofUser` would answer. */
  countOf(user: UserId, at: number): Promise<number>
  /** Who is invited to a room, the newest first. */
  ofRoom(room: RoomId): Promise<PendingInvitation[]>
}

/** Strangers who asked to be let into a room. */
export interface JoinRequests {
  /** Asks, or asks again in other words. `full`: the room or the user has as many as `limits` allows. */
  put(
    request: { room: RoomId; user: UserId; text: string; at: number },
    limits: { ofRoom: number; ofUser: number },
  ): Promise<'added' | 'changed' | 'full'>
  has(room: RoomId, user: UserId, transaction?: Transaction): Promise<boolean>
  /** False: there was none. */
  remove(room: RoomId, user: UserId): Promise<boolean>
  /** The oldest first; not those of people who are banned from the room. */
  ofRoom(room: RoomId, at: number): Promise<{ user: UserId; displayName: string; text: string; at: number }[]>
  /** The newest first. */
  ofUser(user: UserId): Promise<{ room: RoomId; text: string; at: number }[]>
  /** Members of a room with one of these roles, owners first, then admins: those who decide. */
  deciders(room: RoomId, roles: readonly Role[], limit: number): Promise<UserId[]>
  /** How many wait in each of these rooms; rooms where nobody does are absent. */
  counts(rooms: readonly RoomId[], at: number): Promise<Map<RoomId, number>>
}

/** A link to a room, or an invitation to the server. `uses` and `expiresAt` null: without end. */
export type InviteEntry = {
  id: string
  /** Both absent: to the server. */
  room?: RoomId
  role?: InvitedRole
  /** The code, for who has the key. */
  sealed: string
  note: string
  /** Absent: the operator at the command line. */
  by?: UserId
  byName?: string
  used: number
  uses: number | null
  createdAt: number
  expiresAt: number | null
}

/** Invite links. The code itself is nowhere: its hash, to find it, and a sealed copy. */
export interface InviteLinks {
  /** False when the room, or the server, has `atMost` live ones already. */
  create(link: Omit<InviteEntry, 'used' | 'byName'> & { hash: string }, atMost: number): Promise<boolean>
  /** Expired and used up ones too. */
  findByHash(hash: string): Promise<InviteEntry | undefined>
  /** Counts one use; false when the link is used up, expired or revoked. Atomic: n uses are n times true. */
  use(id: string, at: number, transaction?: Transaction): Promise<boolean>
  /** Takes a use back that came to nothing. */
  giveBack(id: string): Promise<void>
  /** Those that still work, of a room or (null) of the server, the newest first. */
  live(room: RoomId | null, at: number): Promise<InviteEntry[]>
  /** Ends a link for good; false when the room, or the server, has none of that id. */
  revoke(room: RoomId | null, id: string): Promise<boolean>
}

/** Every way into a room or onto the server that somebody else opens. */
export interface Invites {
  readonly people: Invitations
  readonly requests: JoinRequests
  readonly links: InviteLinks
}
