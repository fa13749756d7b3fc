import type { Cache, OnlineStatus, OutboxStorage } from '../../sdk/ports.ts'
import type { Database } from './database.ts'

const FRAME_AT_LATEST_MS = 200

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
