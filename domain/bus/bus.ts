import type { Role } from '../../protocol/events.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Notice, Presence, Receipt } from '../../protocol/presence.ts'
import type { RoomSettings } from '../../protocol/room-settings.ts'
import type { ArchivedEvent } from '../../store/index.ts'

/** What the parts of a node, and later the nodes, tell each other. Hints: the log and the tables are the truth ([P3]). */
export type BusNotes = {
  /** One commit: new events, in seq order within each room. */
  events: readonly ArchivedEvent[]
  /** Somebody joined, left, was removed, or has another role. `role` null: no longer a member. */
  membership: { room: RoomId; user: UserId; role: Role | null }
  /** Muted, banned, blocked or forgiven: what one user may do in one room is to be read again. */
  standing: { room: RoomId; user: UserId }
  /** The room's name, topic line, settings or member count changed, or it was deleted; or its log is another one (a new epoch). `rules`: those that hold now. */
  room: { room: RoomId; deleted?: true; rewritten?: true; rules?: { settings: RoomSettings; archived?: true } }
  typing: { room: RoomId; user: UserId; typing: boolean }
  /** `read`: the read mark has moved, not only what was delivered. */
  receipt: { room: RoomId; user: UserId; receipt: Receipt; read: boolean }
  /** `again`: who may see it has changed, for all or for one; told also to those who see it no more. */
  presence: { user: UserId; presence: Presence; again?: 'all' | UserId }
  /** What a user decided about being known and reached is to be read again. */
  privacy: { user: UserId }
  /** Another name or picture. */
  profile: { user: UserId; displayName: string; avatar?: string }
  /** For `users/{user}/inbox`. */
  inbox: { user: UserId; notice: Notice }
  /** Credentials that ended; `all` are app tokens too. Their live connections are closed. */
  ended: { user: UserId; credentials: readonly string[] | 'all-sessions' | 'all' }
}

/** Carries notes to every listener of every node, at most once; listeners are called in the order of emits. */
export interface Bus {
  emit<Name extends keyof BusNotes>(name: Name, note: BusNotes[Name]): void
  on<Name extends keyof BusNotes>(name: Name, listener: (note: BusNotes[Name]) => void): void
  close(): Promise<void>
}
