/**
 * What the SDK knows, as immutable values. What did not change between two snapshots is the same object, so that views
 * may compare by identity, down to single rows of a timeline.
 */
import type { ErrorCode } from '../../protocol/errors.ts'
import type { ChatEvent, Role, RoomKind } from '../../protocol/events.ts'
import type { Sync } from '../../protocol/http.ts'
import type { CommandId, RoomId, Seq, UserId } from '../../protocol/ids.ts'
import type { Presence, Receipt } from '../../protocol/presence.ts'
import type { Mute, RoomSettings } from '../../protocol/room-settings.ts'
import type { NoticeEvent, TimelinePage } from './timeline.ts'

export type Snapshot = {
  readonly session: SessionState
  readonly connection: ConnectionState
  /** My rooms, the last active one first. */
  readonly rooms: readonly RoomSummary[]
  /** False until the rooms are known, from the cache or from the server. */
  readonly roomsLoaded: boolean
  /** Rooms between `openRoom` and `closeRoom`; public ones that I did not join included. */
  readonly open: ReadonlyMap<RoomId, OpenRoom>
  /** Everybody met so far. Somebody not in it yet is shown by id; the SDK is asking. */
  readonly users: ReadonlyMap<UserId, UserSummary>
  /** Whom I have blocked. */
  readonly blocked: ReadonlySet<UserId>
  /** The outbox could not be written: what is unsent lives only as long as this client. */
  readonly storageFailed: boolean
}

export type { NoticeEvent }

/** `avatar`: the picture is at `/api/avatars/{avatar}`. */
export type User = { readonly id: UserId; readonly displayName: string; readonly avatar?: string }

export type SessionState =
  /** `start()` has not finished reading what was kept. */
  | { readonly kind: 'starting' }
  /** `code`: why a session ended by itself. */
  | { readonly kind: 'signed-out'; readonly code?: ErrorCode }
  | { readonly kind: 'signing-in' }
  /** Also while offline: what was cached may be shown. */
  | { readonly kind: 'signed-in'; readonly user: User }

export type ConnectionState =
  /** Not wanted: signed out, or stopped. */
  | { readonly kind: 'stopped' }
  /** Not connected, and the platform says that there is no network; tried all the same, now and then. */
  | { readonly kind: 'offline' }
  | { readonly kind: 'connecting' }
  /** Connected; fetching what was missed in `rooms` rooms. */
  | { readonly kind: 'catching-up'; readonly rooms: number }
  /** `refused`: filters that the server did not grant. */
  | { readonly kind: 'online'; readonly since: number; readonly refused: readonly string[] }
  /** Lost; next attempt at `retryAt` (milliseconds since 1970), or at once with `wake()`. */
  | { readonly kind: 'waiting'; readonly retryAt: number; readonly code?: ErrorCode }

export type UserSummary = User & { readonly presence?: Presence }

/** A row of the room list. */
export type RoomSummary = {
  readonly room: RoomId
  /** In a direct room the other one's display name. */
  readonly name: string
  readonly topicLine: string
  readonly kind: RoomKind
  readonly settings: RoomSettings
  readonly archived: boolean
  readonly members: number
  /** Mine; undefined in a public room that I have not joined. */
  readonly role: Role | undefined
  /** I do not write until then; it may be over. */
  readonly mute: Mute | undefined
  /** Why I am no member any more, if it was not my own wish. */
  readonly putOut: PutOut | undefined
  /** When my last message came, as far as known; 0 for never. */
  readonly spokeAt: number
  /** The other one of a direct room. */
  readonly peer: UserId | undefined
  readonly createdAt: number
  readonly head: number
  /** My marks. */
  readonly read: number
  readonly delivered: number
  /** Messages of others after my mark. */
  readonly unread: number
  readonly mentions: number
  /** The last event, with the text of its last edit as far as known; `deleted` messages have no text. */
  readonly last: ChatEvent | undefined
  /** When something happened last: of `last`, of a pending message, or `createdAt`. */
  readonly activeAt: number
  /** Others who are typing now. */
  readonly typing: readonly UserId[]
  /** Commands that have not reached the log, failed ones included. */
  readonly pending: number
  readonly failed: number
}

export type OpenRoom = {
  readonly room: RoomId
  readonly summary: RoomSummary
  /** In order of seq; what is pending comes last, in order of sending. */
  readonly items: readonly TimelineItem[]
  /** Events older than the first item exist. */
  readonly hasOlder: boolean
  readonly loadingOlder: boolean
  /** Nothing to show yet, but a page is on its way. */
  readonly loading: boolean
  /** Why the last page could not be loaded; `openRoom`, `loadOlder` and `loadGap` try again. */
  readonly loadFailed: ErrorCode | undefined
  /** After `loadMembers`; kept current by events. */
  readonly members: readonly MemberSummary[] | undefined
  /** Of others, as far as the server said so since we are connected. */
  readonly receipts: ReadonlyMap<UserId, Receipt>
}

export type MemberSummary = {
  readonly user: UserId
  readonly role: Role
  readonly joinedAt: number
  /** Does not write until then; it may be over. */
  readonly mute?: Mute
}

/** `banned`: and may not come back, until then or without end. */
export type PutOut = { readonly by: UserId; readonly reason?: string; readonly banned?: { readonly until?: number } }

/** `key` is unique in its timeline and stays the same while the item exists, from pending to read. */
export type TimelineItem = MessageItem | PendingItem | NoticeItem | GapItem

export type Reaction = {
  readonly emoji: string
  /** In order of reacting. */
  readonly users: readonly UserId[]
  readonly mine: boolean
}

/** A message of the log, with everything that later events did to it. */
export type MessageItem = {
  readonly kind: 'message'
  readonly key: string
  readonly seq: Seq
  readonly id: CommandId | undefined
  readonly from: UserId
  readonly at: number
  readonly mine: boolean
  /** After the last edit; empty when deleted. */
  readonly text: string
  readonly replyTo: Seq | undefined
  readonly thread: Seq | undefined
  readonly mentions: readonly UserId[]
  readonly files: readonly string[]
  readonly data: unknown
  readonly ttl: number | undefined
  /** When it was last edited. */
  readonly editedAt: number | undefined
  readonly deleted: boolean
  /** Of somebody whom I have blocked: to be shown on request. */
  readonly folded: boolean
  readonly pinned: boolean
  readonly reactions: readonly Reaction[]
  /** Edits, deletions, reactions and pins of mine that are not in the log yet; already shown, unless failed. */
  readonly changes: readonly PendingChange[]
}

/** A message of mine that is not in the log yet. */
export type PendingItem = {
  readonly kind: 'pending'
  readonly key: string
  readonly id: CommandId
  readonly from: UserId
  readonly at: number
  readonly text: string
  readonly replyTo: Seq | undefined
  readonly thread: Seq | undefined
  readonly state: PendingState
}

/** A change of the room or of its members: one of the events that have no target and no text. */
export type NoticeItem = {
  readonly kind: 'notice'
  readonly key: string
  readonly seq: Seq
  readonly event: NoticeEvent
}

/** Events that exist but are not here: `loadGap(room, after)` fetches them. */
export type GapItem = {
  readonly kind: 'gap'
  readonly key: string
  readonly after: number
  readonly before: number
  /** Events, not only messages. */
  readonly missing: number
  readonly loading: boolean
}

export type PendingState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'sending' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly retryable: boolean }

export type PendingChange = {
  readonly id: CommandId
  readonly type: Exclude<OutboxCommand['type'], 'message'>
  readonly state: PendingState
}

/** What a person asks of a room; goes to `rooms/{room}/send` with an id. */
export type OutboxCommand =
  | {
      readonly type: 'message'
      readonly text: string
      readonly replyTo?: Seq
      readonly thread?: Seq
      readonly ttl?: number
      readonly files?: readonly string[]
      readonly mentions?: readonly UserId[]
      readonly data?: unknown
    }
  | { readonly type: 'edit'; readonly seq: Seq; readonly text: string; readonly mentions?: readonly UserId[] }
  | { readonly type: 'delete' | 'pin' | 'unpin'; readonly seq: Seq }
  | { readonly type: 'react' | 'unreact'; readonly seq: Seq; readonly emoji: string }

/** A command in the outbox. Plain data: `structuredClone` and JSON keep it. */
export type OutboxEntry = {
  readonly user: UserId
  readonly room: RoomId
  readonly id: CommandId
  /** Rises from entry to entry of one user. */
  readonly order: number
  /** When it was asked, milliseconds since 1970. */
  readonly at: number
  readonly command: OutboxCommand
  readonly state: PendingState
}

/** What a cache keeps of one user. Plain data. */
export type Cached = {
  readonly sync: Sync
  /** The end of the log of rooms that were opened. */
  readonly pages: readonly { readonly room: RoomId; readonly page: TimelinePage }[]
}

/** What a message of mine has come to. */
export type MessageState = 'queued' | 'sending' | 'failed' | 'sent' | 'delivered' | 'read'
