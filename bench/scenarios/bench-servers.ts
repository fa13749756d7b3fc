import { startRawAedes } from '../servers/aedes.ts'
import { startAedesWithInsert } from '../servers/aedes-with-insert.ts'
import type { Server } from '../servers/server.ts'
import { startTidings, type TidingsServer } from '../servers/tidings.ts'

export type ServerName = 'raw Aedes' | 'Aedes + INSERT' | 'Tidings'

/** Starts servers when a row first asks for them, and stops whatever runs. */
export class BenchServers {
  readonly #running = new Map<ServerName, Promise<Server>>()
  readonly #fresh = new Set<Promise<Server>>()

  /** The one that all rows of throughput share. */
  shared(name: ServerName): Promise<Server> {
    const running = this.#running.get(name) ?? start(name)
    this.#running.set(name, running)
    return running
  }

  sharedTidings(): Promise<TidingsServer> {
    return this.shared('Tidings') as Promise<TidingsServer>
  }

  /** Lends a server that has done nothing yet, and stops it afterwards. */
  async withFresh<T>(name: ServerName, use: (server: Server) => Promise<T>): Promise<T> {
    const starting = start(name)
    this.#fresh.add(starting)
    try {
      return await use(await starting)
    } finally {
      this.#fresh.delete(starting)
      await (await starting).stop()
    }
  }

  async stop(): Promise<void> {
    const all = [...this.#running.values(), ...this.#fresh]
    this.#running.clear()
    this.#fresh.clear()
    await Promise.allSettled(all.map(async (server) => (await server).stop()))
  }
}

function start(name: ServerName): Promise<Server> {
  if (name === 'Tidings') return startTidings()
  return name === 'raw Aedes' ? startRawAedes() : startAedesWithInsert()
}
