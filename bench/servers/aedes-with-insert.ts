import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../store/embedded/embedded-postgres.ts'
import { startAedes } from './aedes.ts'
import { moveToLoadCore } from './cores.ts'
import { makeDataFolder } from './data-folder.ts'
import type { Server } from './server.ts'

/** Aedes that awaits one INSERT for each message, on a PostgreSQL of the same kind as the product's. */
export async function startAedesWithInsert(): Promise<Server> {
  const folder = await makeDataFolder()
  let database: EmbeddedPostgres | undefined
  const removeDatabase = async () => {
    await database?.stop()
    await folder.remove()
  }
  try {
    database = await startEmbeddedPostgres({ directory: folder.path, log: reportErrors })
    const pid = database.pid()
    moveToLoadCore(pid)
    const server = await startAedes('Aedes + INSERT', { settings: database.connection, pid })
    return {
      ...server,
      async stop() {
        await server.stop()
        await removeDatabase()
      },
    }
  } catch (error) {
    await removeDatabase()
    throw error
  }
}

function reportErrors(level: string, message: string): void {
  if (level === 'error') console.error(`Database of Aedes: ${message}`)
}
