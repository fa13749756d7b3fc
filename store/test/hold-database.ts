/** A process that starts a database and lives until it is killed. Its argument: the directory. */
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.ts'

const [directory = ''] = process.argv.slice(2)
startEmbeddedPostgres({ directory, log: () => undefined }).then(
  (server) => process.send?.({ pid: server.pid() }),
  (error: Error) => process.send?.({ error: error.message }),
)
setInterval(() => undefined, 60_000)
