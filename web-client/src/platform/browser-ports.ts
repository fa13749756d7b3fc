import type { Cache, Clock, OnlineStatus, OutboxStorage, Ports, SessionStorage } from '../../sdk/ports.ts'
import type { Database } from './database.ts'

const SESSION_KEY = 'session'
const FRAME_AT_LATEST_MS = 200

export const browserClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as number),
}

/** Once per frame; a hidden page has no frames, so not later than a moment. */
export function batchInFrames(flush: () => void): void {
  const run = (): void => {
    clearTimeout(timer)
    cancelAnimationFrame(frame)
    flush()
  }
  const timer = setTimeout(run, FRAME_AT_LATEST_MS)
  const frame = requestAnimationFrame(run)
}

/** Good random numbers of at least 0, less than 1. */
export function random(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53
}

export function createOutboxStorage(database: Database): OutboxStorage {
  return {
    load: (user) => database.run('outbox', 'readonly', (store) => store.index('user').getAll(user)),
    async put(entry) {
      await database.run('outbox', 'readwrite', (store) => store.put(entry))
    },
    remove: ({ user, room, id }) => database.run('outbox', 'readwrite', (store) => store.delete([user, room, id])),
  }
}

export function createCache(database: Database): Cache {
  return {
    load: (user) => database.run('cache', 'readonly', (store) => store.get(user)),
    async save(user, cached) {
      await database.run('cache', 'readwrite', (store) => store.put(cached, user))
    },
    clear: () => database.run('cache', 'readwrite', (store) => store.clear()),
  }
}

export function createSessionStorage(
  storage: { get(key: string): string | undefined; set(key: string, value: string | undefined): void },
  locks: LockManager | undefined,
): SessionStorage {
  return {
    async load() {
      try {
        return JSON.parse(storage.get(SESSION_KEY) ?? '{}')
      } catch {
        // Cut short by a full disk: as if nobody had signed in here.
        return {}
      }
    },
    async save(session) {
      storage.set(SESSION_KEY, JSON.stringify(session))
    },
    ...(locks && { exclusively: (work) => locks.request('session', work) as ReturnType<typeof work> }),
  }
}

export function createOnlineStatus(window: Window): OnlineStatus {
  return {
    online: () => window.navigator.onLine,
    subscribe(listener) {
      window.addEventListener('online', listener)
      window.addEventListener('offline', listener)
      return () => {
        window.removeEventListener('online', listener)
        window.removeEventListener('offline', listener)
      }
    },
  }
}

export type BrowserPorts = Pick<Ports, 'clock' | 'outbox' | 'session' | 'network' | 'cache' | 'random' | 'batch'>
