/** What the server states: the events of a room's log (SPEC.md, EVT1-EVT8). Types only; no schema, no code to ship. */
import type { CommandId, RoomId, Seq, UserId } from './ids.ts'
import type { Role, RoomKind, RoomSettings } from './room-settings.ts'

export type { HistoryRule, Role, RoomKind } from './room-settings.ts'

type Common<Type extends string> = {
  /** Command id; present only when the client gave one. */
  id?: CommandId
  type: Type
  from: UserId
  /** Milliseconds since 1970, the server's clock. */
  at: number
}

export type MessageDraft = Common<'message'> & {
  text: string
  replyTo?: Seq
  thread?: Seq
  /** Seconds after which the message is deleted. */
  ttl?: number
  files?: string[]
  mentions?: UserId[]
  /** The JSON object of a payload without a `type`, such as `{"temp":21.5}`. */
  data?: unknown
}
/** `settings`: all of them, as they are from now on. `archived`: nothing more is written until it is false again. */
export type RoomChanges = { name?: string; topicLine?: string; settings?: RoomSettings; archived?: boolean }

/** An event that has no place in the log yet. Unknown fields of the command travel beside the known ones. */
export type EventDraft =
  | (Common<'created'> & { changes: RoomChanges & { kind: RoomKind } })
  | (Common<'joined'> & { user: UserId; role: Role })
  | (Common<'left'> & { user: UserId })
  | (Common<'removed'> & { user: UserId; reason?: string })
  | (Common<'banned'> & { user: UserId; until?: number; reason?: string })
  | (Common<'unbanned'> & { user: UserId })
  | (Common<'muted'> & { user: UserId; until?: number; reason?: string })
  | (Common<'unmuted'> & { user: UserId })
  | (Common<'role'> & { user: UserId; role: Role })
  | (Common<'changed'> & { changes: RoomChanges })
  | MessageDraft
  | (Common<'edited'> & { target: Seq; text: string; mentions?: UserId[] })
  /** `moderated`: by a moderator of the server, who need not be a member. */
  | (Common<'deleted'> & { target: Seq; moderated?: true })
  | (Common<'reacted'> & { target: Seq; emoji: string })
  | (Common<'unreacted'> & { target: Seq; emoji: string })
  | (Common<'pinned'> & { target: Seq })
  | (Common<'unpinned'> & { target: Seq })

export type EventType = EventDraft['type']

/** An event with its place in the log, as it stands on `rooms/{room}/messages` and in history pages. */
export type ChatEvent = EventDraft & { seq: Seq }

/** A page of a room's log, oldest first. */
export type HistoryPage = {
  messages: ChatEvent[]
  /** Edits, deletions, reactions and pins outside this page that are about events in it. */
  related: ChatEvent[]
  /** The seq of the last event of the room. */
  head: number
  /** Changes when a log was restored from a backup: positions of another epoch mean nothing. */
  epoch: number
  /** Whether there is more in the direction asked for. */
  more: boolean
}

/** `rooms/{room}/state`, retained. */
export type RoomState = {
  id: RoomId
  name: string
  topicLine: string
  kind: RoomKind
  head: number
  epoch: number
  members: number
  settings: RoomSettings
  /** Present in a room that is archived. */
  archived?: true
}
