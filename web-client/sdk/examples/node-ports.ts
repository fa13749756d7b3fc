/** The SDK's ports in Node, for processes that keep nothing. */
import { WebSocket } from 'ws'
import { createMemoryOutbox, createMemorySession, createWebSocketTransport, type Ports } from '../index.ts'

/** `url` as in Options, such as `http://127.0.0.1:8080`. */
export function createNodePorts(url: string): Ports {
  return {
    clock: {
      now: () => Date.now(),
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
    },
    fetch,
    openTransport: createWebSocketTransport(WebSocket, `${url.replace(/^http/, 'ws')}/mqtt`),
    outbox: createMemoryOutbox(),
    session: createMemorySession(),
    random: () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32,
  }
}

/** URL and app token from the command line or the environment; ends the process with the usage when one is missing. */
export function readArguments(usage: string): { url: string; appToken: string; rest: string[] } {
  const [url = process.env.TIDINGS_URL, appToken = process.env.TIDINGS_TOKEN, ...rest] = process.argv.slice(2)
  if (url && appToken) return { url, appToken, rest }
  console.error(usage)
  process.exit(2)
}
