import { startEmbeddedPostgres } from '../../store/embedded/embedded-postgres.ts'
import { startAedes } from './aedes.ts'
import { moveToLoadCore } from './cores.ts'
import { makeDataFolder } from './data-folder.ts'
import type { Server } from './server.ts'

/** Aedes that awaits one INSERT for each message, on a PostgreSQL of the same kind as the product's. */
export async function startAedesWithInsert(): Promise<Server> {
  const folder = await makeDataFolder()
  const database = await startEmbeddedPostgres({
    directory: folder.path,
    log: (level, message) => {
      if (level === 'error') console.error(`Database of Aedes: ${message}`)
    },
  })
  moveToLoadCore(database.pid())
  const server = await startAedes('Aedes + INSERT', { settings: database.connection, pid: database.pid() })
  return {
    ...server,
    async stop() {
      await server.stop()
      await database.stop()
      await folder.remove()
    },
  }
}
