/** Storage that lives as long as the process: for bots and tests, and for pages that may not store anything. */
import type { OutboxStorage, SessionStorage, StoredSession } from './ports.ts'
import type { OutboxEntry } from './snapshot.ts'

export function createMemoryOutbox(): OutboxStorage {
  const entries = new Map<string, OutboxEntry>()
  const keyOf = ({ user, room, id }: OutboxEntry): string => `${user} ${room} ${id}`
  return {
    load: async (user) => [...entries.values()].filter((entry) => entry.user === user),
    async put(entry) {
      entries.set(keyOf(entry), entry)
    },
    async remove(entry) {
      entries.delete(keyOf(entry))
    },
  }
}

export function createMemorySession(first: StoredSession = {}): SessionStorage {
  let stored = first
  return {
    load: async () => stored,
    async save(session) {
      stored = session
    },
  }
}
