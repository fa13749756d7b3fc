/** The one facade of the SDK: what can be asked, and how it is told. */
import type { ChatEvent, Role, RoomChanges, RoomKind } from '../../protocol/events.ts'
import type { Member, RoomInfo } from '../../protocol/http.ts'
import type { CommandId, RoomId, Seq, UserId } from '../../protocol/ids.ts'
import type { Notice, Status } from '../../protocol/presence.ts'
import type { StoredSettings } from '../../protocol/room-settings.ts'
import type { Method } from './http-client.ts'
import type { OutboxCommand, Snapshot, User, UserSummary } from './snapshot.ts'

export type MessageDraft = Omit<Extract<OutboxCommand, { type: 'message' }>, 'type'>
export type RegisterInput = {
  username: string
  password: string
  displayName?: string
  email?: string
  invite?: string
}
export type SignInInput = { username: string; password: string; otp?: string }
export type CreateRoomInput = {
  /** Chosen id; generated when absent. */
  id?: string
  name: string
  kind: Exclude<RoomKind, 'direct'>
  topicLine?: string
  members?: readonly UserId[]
}
/** What of a room is to be changed; of the settings and permissions only what is given. */
export type RoomUpdate = Omit<RoomChanges, 'settings'> & { settings?: StoredSettings }
export type CreateTokenInput = {
  name: string
  rooms?: readonly RoomId[]
  access?: 'read' | 'write'
  expiresAt?: number
}

/**
 * Everything that returns a promise rejects with ChatError: `unavailable` without a network, else what the server said.
 * What goes through the outbox (send, edit, ...) returns at once, works offline and never fails but by its pending state;
 * it throws ChatError `invalid_command` or `too_large` for text that no server would take.
 */
export interface ChatClient {
  /** The present state; the same object until something changes. */
  snapshot(): Snapshot
  /** Calls `listener` after changes, at most once per batch. */
  subscribe(listener: () => void): () => void
  /** Calls `listener` for each new event of my rooms, in order of seq in each room, once. For bots and sounds. */
  onEvent(listener: (room: RoomId, event: ChatEvent) => void): () => void

  /** Reads what was kept, shows it, and connects if there is a session. Once. */
  start(): Promise<void>
  /** Ends the connection and every timer, keeps the session. */
  stop(): void
  /** The page became visible, or somebody wants to be online now: proves the connection or tries again at once. */
  wake(): void
  /** The page goes out of sight, perhaps for good: says now what would be said within half a second. */
  flush(): void

  register(input: RegisterInput): Promise<void>
  signIn(input: SignInInput): Promise<void>
  /** Also drops what is unsent and cached. Never rejects: without a network only this device forgets. */
  signOut(): Promise<void>

  /** Shows a room with its last page; resolves when there is something to show. Again: refreshes what failed. */
  openRoom(room: RoomId): Promise<void>
  closeRoom(room: RoomId): void
  /** One more page of 50. Resolves too when there is nothing older. */
  loadOlder(room: RoomId): Promise<void>
  /** The page of the log around an event, to jump to it. */
  loadAround(room: RoomId, seq: number): Promise<void>
  /** Fetches a gap, named by its `after`, up to 500 events at once. */
  loadGap(room: RoomId, after: number): Promise<void>
  loadMembers(room: RoomId): Promise<void>

  send(room: RoomId, draft: MessageDraft): CommandId
  edit(room: RoomId, seq: Seq, text: string, mentions?: readonly UserId[]): CommandId
  remove(room: RoomId, seq: Seq): CommandId
  react(room: RoomId, seq: Seq, emoji: string): CommandId
  unreact(room: RoomId, seq: Seq, emoji: string): CommandId
  pin(room: RoomId, seq: Seq): CommandId
  unpin(room: RoomId, seq: Seq): CommandId
  /** Sends a failed command again, under the same id. */
  retry(room: RoomId, id: CommandId): void
  /** Takes a command back that is not being sent. Whether it was still there to take. */
  discard(room: RoomId, id: CommandId): boolean

  /** Everything up to `seq` (default: the last event here) is read. Marks only move forward. */
  markRead(room: RoomId, seq?: number): void
  /** Call while somebody types; told to the room at most every 3 s. */
  setTyping(room: RoomId, typing: boolean): void
  /** Told again after each reconnect. */
  setStatus(status: Status): void

  createRoom(input: CreateRoomInput): Promise<RoomId>
  /** The direct room with somebody; made if there is none. */
  startDirect(user: UserId): Promise<RoomId>
  joinRoom(room: RoomId): Promise<void>
  leaveRoom(room: RoomId): Promise<void>
  updateRoom(room: RoomId, changes: RoomUpdate): Promise<void>
  deleteRoom(room: RoomId): Promise<void>
  browsePublicRooms(query?: string): Promise<RoomInfo[]>
  searchUsers(query: string): Promise<User[]>
  listMembers(room: RoomId): Promise<Member[]>
  /** Adds somebody, or changes the role. */
  putMember(room: RoomId, user: UserId, role?: Role): Promise<void>
  removeMember(room: RoomId, user: UserId): Promise<void>

  updateMe(changes: { displayName: string }): Promise<void>
  /** What another entrance of the SDK was told, before the server says it here. */
  learnUsers(users: readonly UserSummary[]): void
  learnBlocked(user: UserId, blocked: boolean): void

  /** Calls `listener` with what the server says of my own: added, invited, unread elsewhere. */
  onNotice(listener: (notice: Notice) => void): () => void
  /** Any operation over HTTP, such as `GET`, `/me`; for what has no action here. */
  call<Result>(method: Method, path: string, body?: unknown): Promise<Result>
  /** Any operation by name over MQTT, for what has no action here. */
  request(operation: string, input?: Record<string, unknown>): Promise<unknown>
}
