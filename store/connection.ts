/** Connections of the driver: their limits, and what is done with one that fails. */
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { isUnavailable, translateError } from './database-error.ts'
import type { SocketConnection } from './embedded/guard.ts'
import type { StoreLog } from './store.ts'
import type { Database } from './tables.ts'

export type Target = SocketConnection | { connectionString: string }

const CONNECT_LIMIT_MS = 2_000
/** The server gives up a statement after this. */
const STATEMENT_LIMIT_MS = 5_000
/** We give up a server that does not say so: it is frozen, or the network is gone. */
export const ANSWER_LIMIT_MS = 5_500

const INT8 = 20

/** bigint columns are times and counts, all below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/** The options of one connection. `statementLimitMs: 0` is for migrations: no limit. */
export function clientConfig(target: Target, name: string, statementLimitMs = STATEMENT_LIMIT_MS): pg.ClientConfig {
  return {
    ...target,
    application_name: name,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    keepAlive: true,
    types,
    ...(statementLimitMs > 0 && {
      statement_timeout: statementLimitMs,
      idle_in_transaction_session_timeout: 2 * statementLimitMs,
    }),
  }
}

/** Opens Kysely over a pool whose failures are `unavailable` and whose broken connections are thrown away. */
export function openDatabase(options: {
  target: Target
  name: string
  poolSize: number
  statementLimitMs?: number
  log: StoreLog
}): Kysely<Database> {
  const { target, name, poolSize, statementLimitMs = STATEMENT_LIMIT_MS, log } = options
  const pool = new pg.Pool({
    ...clientConfig(target, name, statementLimitMs),
    ...(statementLimitMs > 0 && { query_timeout: ANSWER_LIMIT_MS }),
    max: poolSize,
    idleTimeoutMillis: 10_000,
  })
  // A connection that breaks while idle is replaced at the next use.
  pool.on('error', (error) => log('warn', 'an idle database connection broke', { error }))
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: careful(pool) }) })
}

/** The pool that Kysely sees. Kysely releases a connection without saying whether it failed. */
function careful(pool: pg.Pool): PostgresPool {
  return {
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw translateError(error)
      })
      const guarded = guardClient(client)
      return { query: guarded.query, release: () => client.release(guarded.leave()) }
    },
  }
}

/**
 * Watches a connection while it is in use. Answers to statements that were given up may still come, so a connection
 * that failed once takes no more statements. `leave` says whether it failed.
 */
export function guardClient(client: pg.ClientBase): Pick<PostgresPoolClient, 'query'> & { leave(): boolean } {
  let failure: unknown
  const fail = (error: unknown) => {
    failure ??= error
  }
  client.on('error', fail)
  const query = async (text: string, parameters: readonly unknown[]) => {
    if (failure !== undefined) throw translateError(failure)
    try {
      return await client.query(text, parameters as unknown[])
    } catch (error) {
      if (isUnavailable(error)) fail(error)
      throw translateError(error)
    }
  }
  const leave = () => {
    client.off('error', fail)
    return failure !== undefined
  }
  return { query: query as unknown as PostgresPoolClient['query'], leave }
}
