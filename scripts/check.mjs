// npm run check: types of every project, format and lint, boundaries. Runs all of them and names those that failed.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { checkNodeVersion, installPackages, root } from './prepare.mjs'

checkNodeVersion()
installPackages({ dev: true })

const bin = (...path) => join(root, 'node_modules', ...path)
const projects = [
  'tsconfig.json',
  'web-client/sdk/tsconfig.json',
  'web-client/sdk/tsconfig.test.json',
  'web-client/src/tsconfig.json',
  'web-client/src/tsconfig.worker.json',
  'web-client/e2e/tsconfig.json',
]
const colours = process.stdout.isTTY && !process.env.NO_COLOR
const steps = [
  ...projects.map((project) => [
    `types of ${project}`,
    bin('typescript', 'bin', 'tsc'),
    ...['-p', project, '--pretty', String(Boolean(colours))],
  ]),
  [
    'format and lint',
    bin('@biomejs', 'biome', 'bin', 'biome'),
    ...['ci', '.', '--error-on-warnings', `--colors=${colours ? 'force' : 'off'}`],
  ],
  ['boundaries', join(root, 'scripts', 'check-boundaries.mjs')],
]

const failed = []
for (const [name, script, ...args] of steps) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8' })
  const empty = stdout.includes('error TS18003') && stdout.match(/error TS/g).length === 1
  if (!empty) process.stdout.write(stdout + stderr)
  if (status !== 0 && !empty) failed.push(name)
}
console.log(failed.length === 0 ? `check: all ${steps.length} steps passed` : `check: failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
