// npm test [-- paths and vitest options]: makes sure that everything is there, runs the suites, ends with one plain line.
// With CI=true a missing program or a skipped test is a failure.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildServer, buildWebClient, checkNodeVersion, installPackages, root } from './prepare.mjs'
import { findOnPath, findProgram, programs, skippedPrograms } from './programs.mjs'

const inCi = process.env.CI === 'true'

function installPrograms() {
  const missing = () => Object.keys(programs).filter((name) => !skippedPrograms().includes(name) && !findProgram(name))
  if (missing().length > 0 && process.getuid?.() === 0 && findOnPath(['apt-get'])) {
    const packages = missing().flatMap((name) => programs[name].packages)
    console.error(`Installing Debian packages for the tests: ${packages.join(' ')}`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const aptGet = (...args) => spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 2, 2], env })
    aptGet('update')
    aptGet('install', '-y', '--no-install-recommends', ...packages)
  }
  const absent = missing().map((name) => programs[name].files[0])
  if (absent.length === 0) return
  console.error(`Not installed: ${absent.join(', ')}; the suites that need them are skipped`)
  if (inCi) process.exit(1)
}

async function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-test-'))
  const reportFile = join(folder, 'report.json')
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], { cwd: root, stdio: 'inherit' })
  // Who ends this process ends the suites as well; they stop what they started.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  const [status] = await once(child, 'exit')
  const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : undefined
  rmSync(folder, { recursive: true, force: true })
  return { status: status ?? 1, report }
}

checkNodeVersion()
installPackages({ dev: true })
installPrograms()
buildServer()
buildWebClient()

const { status, report } = await runVitest(process.argv.slice(2))
if (!report) {
  console.log('tests: did not run')
  process.exit(status || 1)
}
const skipped = report.numPendingTests + report.numTodoTests
const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
const extra = broken.length > 0 ? `, ${broken.length} files could not be loaded` : ''
if (inCi && skipped > 0) console.log('A skipped test is a failure in CI.')
console.log(`tests: ${report.numPassedTests} passed, ${report.numFailedTests} failed, ${skipped} skipped${extra}`)
process.exitCode = status || (inCi && skipped > 0 ? 1 : 0)
