/** A client against the scripted server. */
import { createChatClient } from '../chat-client.ts'
import { createMemoryOutbox, createMemorySession } from '../memory-storage.ts'
import type { Options, Ports } from '../ports.ts'
import type { MessageItem, PendingItem } from '../snapshot.ts'
import { ops, ScriptedServer } from './scripted-server.ts'

/** Shorter than any answer may take. */
const STEP_MS = 4_000

/** Random enough for ids, the same in every run; back-off takes what it gives too. */
export function countingRandom(): () => number {
  let state = 1
  return () => {
    state = (state * 48_271) % 0x7fffffff
    return state / 0x7fffffff
  }
}

export function makeClient(server = new ScriptedServer(), change: Partial<Ports> = {}, options: Partial<Options> = {}) {
  const ports: Ports = {
    clock: server.clock,
    fetch: server.fetch,
    openTransport: server.openTransport,
    outbox: createMemoryOutbox(),
    session: createMemorySession(),
    random: countingRandom(),
    ...change,
  }
  const client = createChatClient(ports, { url: 'http://test', ...options })
  const items = () => client.snapshot().open.get(ops)?.items ?? []
  return {
    server,
    client,
    ports,
    items,
    /** The words on the screen, what is pending in brackets. */
    texts: () =>
      items().flatMap((item) => {
        if (item.kind === 'message') return [item.text]
        return item.kind === 'pending' ? [`[${item.text}]`] : []
      }),
    last: () => items().at(-1) as MessageItem | PendingItem,
    /** Signed in, online, with the room open. */
    async online() {
      const started = client.start()
      await server.run()
      await started
      if (client.snapshot().session.kind !== 'signed-in') {
        const done = client.signIn({ username: 'alice', password: 'secret password' })
        await server.run()
        await done
      }
      const opened = client.openRoom(ops)
      await server.run()
      await opened
    },
    /** Time passes, and everything that it sets off gets through. */
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= STEP_MS) {
        server.clock.advance(Math.min(left, STEP_MS))
        await server.run()
      }
    },
  }
}
