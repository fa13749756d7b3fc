// npm run bench [-- --quick] [-- --only ROW,ROW]: starts Tidings, raw Aedes and Aedes with an awaited INSERT, measures them in turn,
// prints one JSON line for each run and the tables at the end.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { judge } from './bars.ts'
import { combineRuns } from './median.ts'
import { type Options, parseOptions } from './options.ts'
import { report } from './report.ts'
import type { Results } from './results.ts'
import { BenchServers } from './scenarios/bench-servers.ts'
import { measureHistory } from './scenarios/history.ts'
import { measureIdleProcess } from './scenarios/idle-process.ts'
import { loadRows } from './scenarios/load-rows.ts'
import { runLoadRow } from './scenarios/run-load-row.ts'

const rowNames = [...loadRows.map(({ id }) => id), 'idle-process', 'history']
const servers = new BenchServers()

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void servers.stop().finally(() => process.exit(130)))
}

try {
  const options = parseOptions(process.argv.slice(2), rowNames)
  const results = await measure(options)
  await save(results, options)
  console.log(`\n${report(results, options)}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await servers.stop()
}

async function measure(options: Options): Promise<Results> {
  const isWanted = (row: string) => options.only.length === 0 || options.only.includes(row)
  const results: Results = { rows: {} }
  for (const row of loadRows.filter(({ id }) => isWanted(id))) {
    const measured = await runLoadRow(row, servers, options)
    results.rows[row.id] = Object.fromEntries(measured.map(({ server, runs }) => [server, combineRuns(runs)]))
  }
  if (isWanted('idle-process')) results.idleProcess = await measureIdleProcess(servers)
  if (isWanted('history')) results.history = await measureHistory(await servers.sharedTidings(), options)
  return results
}

async function save(results: Results, options: Options): Promise<void> {
  const folder = join(import.meta.dirname, 'results')
  await mkdir(folder, { recursive: true })
  const content = { at: new Date().toISOString(), node: process.version, options, ...results, bars: judge(results) }
  await writeFile(join(folder, 'latest.json'), `${JSON.stringify(content, undefined, 2)}\n`)
}
