import { afterAll, beforeAll, describe } from 'vitest'
import type { StoreLog } from '../index.ts'
import { openTestStore, type TestStore } from './open-test-store.ts'
import { installedPostgres, startInstalledServer, type TestServer } from './test-server.ts'

export type OpenStore = (options?: { log?: StoreLog }) => Promise<TestStore>

/** Runs a contract on our own PostgreSQL and on the operating system's, where there is one. */
export function onEachServer(describeContract: (open: OpenStore) => void): void {
  describe('on the embedded PostgreSQL', () => describeContract((options) => openTestStore(options)))

  const programs = installedPostgres()
  describe.skipIf(programs === undefined)('on a PostgreSQL of the operating system', () => {
    let server: TestServer
    beforeAll(async () => {
      if (programs !== undefined) server = await startInstalledServer(programs)
    })
    afterAll(() => server.stop())
    describeContract((options) => openTestStore({ ...options, server }))
  })
}
