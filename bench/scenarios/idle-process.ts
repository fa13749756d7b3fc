import { setTimeout as sleep } from 'node:timers/promises'
import { familyProportionalBytes, residentBytes } from '../servers/process-figures.ts'
import type { BenchServers } from './bench-servers.ts'

const SETTLE_SECONDS = 3

/** Memory of a product that was just started: resident bytes of the node process, proportional bytes of its PostgreSQL. */
export function measureIdleProcess(servers: BenchServers): Promise<{ server: number; database: number }> {
  return servers.withFresh('Tidings', async ({ pid, databasePid = 0 }) => {
    await sleep(SETTLE_SECONDS * 1000)
    return { server: residentBytes(pid) ?? Number.NaN, database: familyProportionalBytes(databasePid) ?? Number.NaN }
  })
}
