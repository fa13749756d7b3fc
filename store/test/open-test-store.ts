import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { openStore, type Store, type StoreLog } from '../index.ts'
import { startEmbeddedServer, type TestServer } from './test-server.ts'

/** A store on a database of its own; `close` deletes that too. */
export type TestStore = Store & {
  /** The connection string of its database. */
  readonly url: string
}

let own: Promise<TestServer> | undefined

/** Opens a store on a new, empty database. Without a server: on this process's own, which starts at the first call. */
export async function openTestStore(options: { server?: TestServer; log?: StoreLog } = {}): Promise<TestStore> {
  own ??= options.server === undefined ? startEmbeddedServer() : undefined
  const server = options.server ?? (await own)
  if (server === undefined) throw new Error('no server')
  const name = `test_${randomBytes(6).toString('hex')}`
  const url = server.url(name)
  await runStatement(server, `create database ${name}`)
  const store = await openStore({
    database: { driver: 'url', url },
    ...(options.log !== undefined && { log: options.log }),
  })
  return {
    ...store,
    url,
    async close() {
      await store.close()
      await runStatement(server, `drop database if exists ${name} with (force)`)
    },
  }
}

async function runStatement(server: TestServer, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url('postgres') })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
