/** Who is here now: one entry per connected user, whatever the number of his devices and rooms ([PRE1]). */
import type { DeviceId, UserId } from '../../protocol/ids.ts'
import type { Presence, Status } from '../../protocol/presence.ts'
import type { Bus } from '../bus/bus.ts'
import type { Log } from '../log.ts'
import type { Clock, Timers } from '../time.ts'
import { createPresenceRecords, type PresenceStore } from './presence-records.ts'

/** A user's presence changes at most once in this time, and a reconnect within it is not seen at all. */
const CALM_MS = 1_000

/** Presence of users. Notes of changes go out on the bus (`presence`), one per user and second at most. */
export interface PresenceBoard {
  /** A connection of the user's device is up. Each call is paired with one `disconnected`. */
  connected(user: UserId, device: DeviceId): void
  disconnected(user: UserId, device: DeviceId): void
  /** What the user says of himself; kept across connections. */
  setStatus(user: UserId, status: Status): void
  /** Tells a presence once more, as who may see it has changed: for all, or for one. */
  tellAgain(user: UserId, to: 'all' | UserId): Promise<void>
  /**
   * As it is, whoever may see it. From memory for users who are connected; the rest in one query. Unknown users are
   * offline.
   */
  of(users: readonly UserId[]): Promise<Map<UserId, Presence>>
  /** Writes what is not yet written and ends all timers. */
  close(): Promise<void>
}

type Entry = {
  readonly devices: Map<DeviceId, number>
  since: number
  lastSeen: number
  status: Status
  announced: Presence
  announcedAt: number
  /** Takes back the announcement that waits for its time. */
  takeBack?: (() => void) | undefined
  /** The stored status is being read: nothing is announced before it is known. */
  loading: boolean
}

export function createPresenceBoard(deps: {
  store: PresenceStore
  bus: Bus
  clock: Clock
  timers: Timers
  log: Log
}): PresenceBoard {
  const { bus, clock, timers } = deps
  const entries = new Map<UserId, Entry>()
  const records = createPresenceRecords({ ...deps, loaded, saved })

  function enter(user: UserId): Entry {
    const now = clock.now()
    const entry: Entry = {
      devices: new Map(),
      since: now,
      lastSeen: now,
      status: { state: 'online' },
      announced: { state: 'offline' },
      announcedAt: Number.NEGATIVE_INFINITY,
      loading: true,
    }
    entries.set(user, entry)
    records.load(user)
    return entry
  }

  function loaded(user: UserId, status: Status | undefined): void {
    const entry = entries.get(user)
    if (entry === undefined || !entry.loading) return
    entry.loading = false
    if (status !== undefined) entry.status = status
    schedule(user, entry)
  }

  /** What was written about a user who is gone needs no memory any more. */
  function saved(user: UserId): void {
    const entry = entries.get(user)
    if (entry?.devices.size === 0 && entry.announced.state === 'offline' && !entry.takeBack) entries.delete(user)
  }

  function schedule(user: UserId, entry: Entry): void {
    entry.takeBack?.()
    entry.takeBack = undefined
    if (entry.loading) return
    const now = clock.now()
    const due = entry.devices.size === 0 ? now + CALM_MS : entry.announcedAt + CALM_MS
    if (due <= now) announce(user, entry)
    else entry.takeBack = timers.after(due - now, () => announce(user, entry))
  }

  function announce(user: UserId, entry: Entry): void {
    entry.takeBack = undefined
    const presence = present(entry)
    const same = samePresence(presence, entry.announced)
    entry.announced = presence
    if (presence.state === 'offline') records.save(user, { lastSeen: entry.lastSeen })
    if (same) return
    entry.announcedAt = clock.now()
    bus.emit('presence', { user, presence })
  }

  async function of(users: readonly UserId[]): Promise<Map<UserId, Presence>> {
    const lastSeen = await records.lastSeen(users.filter((user) => !entries.has(user)))
    const result = new Map<UserId, Presence>()
    for (const user of users) {
      const entry = entries.get(user)
      const seen = lastSeen.get(user)
      if (entry === undefined) result.set(user, { state: 'offline', ...(seen !== undefined && { lastSeen: seen }) })
      else result.set(user, entry.devices.size === 0 ? entry.announced : present(entry))
    }
    return result
  }

  return {
    of,

    async tellAgain(user, to) {
      const presence = (await of([user])).get(user)
      if (presence !== undefined) bus.emit('presence', { user, presence, again: to })
    },

    connected(user, device) {
      const entry = entries.get(user) ?? enter(user)
      if (entry.devices.size === 0) {
        if (entry.announced.state === 'offline') entry.since = clock.now()
        records.save(user, { lastSeen: clock.now() })
      }
      entry.devices.set(device, (entry.devices.get(device) ?? 0) + 1)
      if (entry.devices.size === 1) schedule(user, entry)
    },
    disconnected(user, device) {
      const entry = entries.get(user)
      const connections = entry?.devices.get(device)
      if (entry === undefined || connections === undefined) return
      if (connections > 1) entry.devices.set(device, connections - 1)
      else entry.devices.delete(device)
      if (entry.devices.size > 0) return
      entry.lastSeen = clock.now()
      schedule(user, entry)
    },
    setStatus(user, status) {
      records.save(user, { status })
      const entry = entries.get(user)
      if (entry === undefined) return
      entry.status = status
      entry.loading = false
      if (entry.devices.size > 0) schedule(user, entry)
    },
    async close() {
      for (const [user, entry] of entries) {
        entry.takeBack?.()
        entry.takeBack = undefined
        if (entry.devices.size > 0) records.save(user, { lastSeen: clock.now() })
      }
      await records.close()
    },
  }
}

function present(entry: Entry): Presence {
  if (entry.devices.size === 0) return { state: 'offline', lastSeen: entry.lastSeen }
  const { state, text } = entry.status
  return { state, since: entry.since, ...(text !== undefined && text !== '' && { text }) }
}

function samePresence(a: Presence, b: Presence): boolean {
  if (a.state === 'offline' || b.state === 'offline') return a.state === b.state
  return a.state === b.state && a.since === b.since && a.text === b.text
}
