import type { Clock, SessionStorage } from '../../sdk/ports.ts'

const SESSION_KEY = 'session'

export const browserClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as number),
}

/** Good random numbers of at least 0, less than 1. */
export function random(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53
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
