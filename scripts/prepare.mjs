// What every verb needs before it begins: the right Node, the installed packages, the built server and web client.
// Nothing is done twice: a stamp in .cache/ remembers which sources a build was made from.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository, absolute. */
export const root = join(fileURLToPath(import.meta.url), '..', '..')

/**
 * Node's flags for the server, as `npm start` in package.json has them: a small space for young objects holds 8 MB less
 * when idle and 7 kB less per connection of the first thousand, for about 5 % more CPU time at full load.
 */
export const serverFlags = ['--max-semi-space-size=4']

/** Ends the process with one clear sentence when this Node is too old. */
export function checkNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`Tidings needs Node.js 20.19 or newer; this is ${process.version}. See https://nodejs.org/`)
  process.exit(1)
}

/** Runs a program in the root folder with its output shown; ends the process when it fails. */
export function run(program, args, options = {}) {
  const shell = process.platform === 'win32' && !program.endsWith('.exe')
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit', shell, ...options })
  if (status === 0) return
  console.error(`${[program, ...args].join(' ')} failed: ${error?.message ?? `exit code ${status}`}`)
  process.exit(status || 1)
}

/** Installs the npm packages of the lock file unless exactly these are there; `dev` asks for the tools of development too. */
export function installPackages({ dev = false } = {}) {
  if (packagesAreInstalled(dev)) return
  const verb = existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install'
  console.error(`Installing packages (npm ${verb})`)
  run('npm', [verb, '--no-audit', '--no-fund', ...(dev ? ['--include=dev'] : [])])
}

function packagesAreInstalled(dev) {
  const [wanted, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map(readLock)
  if (!installed) return false
  if (!wanted) return statSync(join(root, 'package.json')).mtimeMs <= statSync(join(root, 'node_modules')).mtimeMs
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const found = installed[path]
    if (!found) return entry.optional || entry.devOptional || (entry.dev && !dev)
    return found.version === entry.version && existsSync(join(root, path))
  })
}

function readLock(name) {
  const path = join(root, name)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : undefined
}

/** Builds the server into dist/server/main.js, and admin.js beside it, unless it is there and was made from the same sources. */
export function buildServer({ force = false } = {}) {
  const folders = ['protocol', 'config', 'auth-plugin', 'store', 'domain', 'broker', 'api', 'admin']
  build({
    name: 'server',
    entry: 'main.ts',
    product: 'dist/server/main.js',
    sources: ['main.ts', ...folders, 'scripts/build-server.mjs'],
    command: ['scripts/build-server.mjs'],
    force,
  })
}

/** Builds the web client into web-client/dist unless it is there and was made from the same sources. */
export function buildWebClient({ force = false } = {}) {
  const entry = 'web-client/vite.config.ts'
  build({
    name: 'web-client',
    entry,
    product: 'web-client/dist/index.html',
    sources: ['web-client', 'protocol'],
    command: ['node_modules/vite/bin/vite.js', 'build', '--config', entry, '--logLevel', 'warn'],
    force,
  })
}

function build({ name, entry, product, sources, command, force }) {
  if (!existsSync(join(root, entry))) return
  const stampFile = join(root, '.cache', `${name}.stamp`)
  const stamp = stampOf([...sources, 'package-lock.json', 'tsconfig.json'])
  const last = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : ''
  if (!force && last === stamp && existsSync(join(root, product))) return
  console.error(`Building the ${name.replace('-', ' ')}`)
  run(process.execPath, command)
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, stamp)
}

// Tests and documents do not change what is built. The root is part of the stamp because the build holds absolute paths.
function stampOf(sources) {
  const hash = createHash('sha256').update(`${root}\n${process.version}\n`)
  const add = (name) => {
    const path = join(root, name)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isFile()) hash.update(`${name} ${stat.size} ${stat.mtimeMs}\n`)
    if (!stat?.isDirectory()) return
    for (const entry of readdirSync(path).sort()) {
      if (!/^(node_modules|dist|test|e2e|examples)$|\.(md|test\.tsx?|contract\.ts)$/.test(entry))
        add(`${name}/${entry}`)
    }
  }
  for (const source of sources) add(source)
  return hash.digest('hex')
}
