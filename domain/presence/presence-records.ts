/** What is stored about presence: read and written for many users at a time, never in the way of a connection. */
import type { UserId } from '../../protocol/ids.ts'
import type { Status } from '../../protocol/presence.ts'
import type { Log } from '../log.ts'
import type { Timers } from '../time.ts'

const SAVE_EVERY_MS = 5_000
const RETRY_MS = 1_000
/** Users in one statement. */
const BATCH = 1_000

/** `lastSeen` in milliseconds since 1970. An absent field is left as it is. */
export type PresenceRecord = { lastSeen?: number; status?: Status }

/** The part of the store that presence needs. */
export interface PresenceStore {
  /** Users who were never seen, or do not exist, are absent. */
  lastSeen(users: readonly UserId[]): Promise<Map<UserId, number>>
  /** Users without a status of their own are absent. */
  statuses(users: readonly UserId[]): Promise<Map<UserId, Status>>
  savePresence(records: ReadonlyMap<UserId, PresenceRecord>): Promise<void>
}

export interface PresenceRecords {
  /** Reads the stored status soon; `loaded` is told. */
  load(user: UserId): void
  /** Writes soon; `saved` is told. */
  save(user: UserId, record: PresenceRecord): void
  lastSeen(users: readonly UserId[]): Promise<Map<UserId, number>>
  close(): Promise<void>
}

export function createPresenceRecords(deps: {
  store: PresenceStore
  timers: Timers
  log: Log
  loaded(user: UserId, status: Status | undefined): void
  saved(user: UserId): void
}): PresenceRecords {
  const { store, timers, log } = deps
  const wanted = new Set<UserId>()
  const unsaved = new Map<UserId, PresenceRecord>()
  let loading: Promise<void> | undefined
  let saving: Promise<void> | undefined
  let takeBack: (() => void) | undefined
  let closed = false

  async function loadWanted(): Promise<void> {
    while (wanted.size > 0) {
      const users = take(wanted)
      let statuses = new Map<UserId, Status>()
      try {
        statuses = await store.statuses(users)
      } catch (error) {
        log.warn({ err: error, users: users.length }, 'stored status not readable, shown as online')
      }
      for (const user of users) deps.loaded(user, unsaved.get(user)?.status ?? statuses.get(user))
    }
  }

  async function saveUnsaved(): Promise<void> {
    while (unsaved.size > 0) {
      const users = take(unsaved.keys())
      const batch = new Map(users.map((user) => [user, unsaved.get(user) ?? {}]))
      try {
        await store.savePresence(batch)
      } catch (error) {
        log.warn({ err: error, users: users.length }, 'presence not written, tried again later')
        return
      }
      for (const [user, record] of batch) {
        if (unsaved.get(user) === record) unsaved.delete(user)
        if (!unsaved.has(user)) deps.saved(user)
      }
    }
  }

  function saveSoon(ms: number): void {
    if (closed || takeBack !== undefined) return
    takeBack = timers.after(ms, () => {
      saving = saveUnsaved().finally(() => {
        saving = undefined
        takeBack = undefined
        if (unsaved.size > 0) saveSoon(RETRY_MS)
      })
    })
  }

  return {
    load(user) {
      wanted.add(user)
      loading ??= Promise.resolve()
        .then(loadWanted)
        .finally(() => {
          loading = undefined
        })
    },
    save(user, record) {
      unsaved.set(user, { ...unsaved.get(user), ...record })
      saveSoon(SAVE_EVERY_MS)
    },
    async lastSeen(users) {
      if (users.length === 0) return new Map()
      const seen = await store.lastSeen(users)
      for (const user of users) {
        const fresh = unsaved.get(user)?.lastSeen
        if (fresh !== undefined) seen.set(user, fresh)
      }
      return seen
    },
    async close() {
      closed = true
      takeBack?.()
      await saving
      await saveUnsaved()
      await loading
    },
  }
}

/** The first users of a collection, taken out of it when it is a set. */
function take(users: Set<UserId> | IterableIterator<UserId>): UserId[] {
  const taken: UserId[] = []
  for (const user of users) {
    taken.push(user)
    if (taken.length === BATCH) break
  }
  if (users instanceof Set) for (const user of taken) users.delete(user)
  return taken
}
