import { generateLoad } from '../load/generate.ts'
import type { LoadResult } from '../load/plan.ts'
import type { Options } from '../options.ts'
import type { Server } from '../servers/server.ts'
import type { BenchServers } from './bench-servers.ts'
import { type LoadRow, planOf } from './load-rows.ts'

/** All runs of a row, its servers taking turns so that a slow minute of the machine hits all of them. */
export async function runLoadRow(
  row: LoadRow,
  servers: BenchServers,
  options: Options,
): Promise<{ server: string; runs: LoadResult[] }[]> {
  const results = row.servers.map((server) => ({ server, runs: [] as LoadResult[] }))
  for (let run = 1; run <= options.runs; run += 1) {
    for (const { server: name, runs } of results) {
      const measure = async (server: Server) => {
        await server.prepareRooms(row.load.rooms)
        return generateLoad(planOf(row, server, options))
      }
      const result = row.fresh ? await servers.withFresh(name, measure) : await measure(await servers.shared(name))
      console.log(JSON.stringify({ row: row.id, server: name, run, ...result }))
      runs.push(result)
    }
  }
  return results
}
