/** What the SDK asks of the place it runs in: a page, a service worker, or Node. */
import type { DeviceId, UserId } from '../../protocol/ids.ts'
import type { Clock, OpenTransport } from './mqtt/index.ts'
import type { Cached, OutboxEntry, User } from './snapshot.ts'

export type { Clock, OpenTransport }

/** What is used of `fetch`; the global one fits. */
export type Fetch = (
  url: string,
  init: {
    method: string
    headers: Record<string, string>
    body?: string | Blob
    signal: AbortSignal
    credentials: 'same-origin'
  },
) => Promise<{
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
}>

/**
 * Commands that have not reached the log yet. Must survive a reload. Each call resolves when the change is safe; a
 * rejected one is shown in `snapshot().storageFailed` and the SDK goes on in memory.
 */
export interface OutboxStorage {
  /** Every entry of this user; the SDK orders them by `order`. */
  load(user: UserId): Promise<OutboxEntry[]>
  /** Adds, or replaces the one with the same user, room and id. */
  put(entry: OutboxEntry): Promise<void>
  /** Succeeds too when there is none. */
  remove(entry: OutboxEntry): Promise<void>
}

/** What is kept of a sign-in between two starts. `refreshToken` only where there is no cookie (`keepRefreshToken`). */
export type StoredSession = { deviceId?: DeviceId; user?: User; refreshToken?: string }

/** Where the sign-in is kept. */
export interface SessionStorage {
  load(): Promise<StoredSession>
  save(session: StoredSession): Promise<void>
  /**
   * Runs `work` while no other tab of this profile does: a refresh token used twice ends the session. Without it there
   * must be only one client per session.
   */
  exclusively?<Result>(work: () => Promise<Result>): Promise<Result>
}

/** The last known rooms and pages, to show something at once and without a network. */
export interface Cache {
  load(user: UserId): Promise<Cached | undefined>
  save(user: UserId, cached: Cached): Promise<void>
  /** Signed out: forget everything. */
  clear(): Promise<void>
}

/** Whether there is a network at all. */
export interface OnlineStatus {
  online(): boolean
  /** Calls `listener` after each change. */
  subscribe(listener: () => void): () => void
}

export type Ports = {
  /** `now()` in milliseconds since 1970. */
  clock: Clock
  fetch: Fetch
  openTransport: OpenTransport
  outbox: OutboxStorage
  session: SessionStorage
  network?: OnlineStatus
  cache?: Cache
  /** At least 0, less than 1. Command ids are made of it: give a good one. */
  random(): number
  /** Runs `flush` soon, once: `requestAnimationFrame` in a visible page. Default: a microtask. */
  batch?(flush: () => void): void
}

export type Options = {
  /** Where the server is, `''` for the page's own origin. Without a slash at the end. */
  url: string
  /** A token made with `POST /api/me/tokens`: signs in by itself, never refreshed. */
  appToken?: string
  /** Keep the refresh token in `SessionStorage`, where there is no cookie jar. Default false. */
  keepRefreshToken?: boolean
  /** How this session is called in the list of sessions. */
  deviceName?: string
  /** A hole of more events than this is shown as a gap instead of being filled. Default 200; Infinity for bots. */
  longGap?: number
  /** Whether to tell senders that their messages arrived here. Default true. */
  reportDelivered?: boolean
}
