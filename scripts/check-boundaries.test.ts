import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

const script = join(import.meta.dirname, 'check-boundaries.mjs')
const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Lays the files out in a temporary house and returns what the check says of it. */
function check(files: Record<string, string>): { status: number | null; lines: string[] } {
  const root = mkdtempSync(join(tmpdir(), 'tidings-boundaries-'))
  folders.push(root)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  const { status, stdout } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' })
  return { status, lines: stdout.trim().split('\n').slice(0, -1) }
}

describe('[ARROWS] boundary check', () => {
  it('[ARROWS] accepts a house that keeps its arrows', () => {
    const { status, lines } = check({
      'main.ts': `import { open } from './domain/index.ts'\nopen()`,
      'protocol/topics.ts': `export const roomMessages = (room: string) => room`,
      'domain/index.ts': `export { open } from './open.ts'`,
      'domain/open.ts': `import { roomMessages } from '../protocol/topics.ts'\nexport const open = () => roomMessages('a')`,
      'domain/open.test.ts': `import { open } from './open.ts'\nimport '../broker/index.ts'\nopen()`,
      'broker/index.ts': `import type { open } from '../domain/index.ts'\nexport type Open = typeof open`,
      'broker/aedes/start.ts': `import { Aedes } from 'aedes'\nexport const start = () => new Aedes()`,
    })
    expect(lines).toEqual([])
    expect(status).toBe(0)
  })

  it.each([
    ['a neighbour', 'broker/a.ts', `import '../api/index.ts'`, 'no arrow broker --> api'],
    ['a type-only import upwards', 'domain/a.ts', `import type { A } from '../broker/index.ts'`, 'domain --> broker'],
    ['an import type expression', 'store/a.ts', `export type A = import('../domain/index.ts').A`, 'store --> domain'],
    ['a dynamic import', 'api/a.ts', `export const a = () => import('../broker/index.ts')`, 'api --> broker'],
    ['a re-export', 'config/a.ts', `export * from '../protocol/a.ts'`, 'config --> protocol'],
    ['a side door', 'api/a.ts', `import '../domain/rooms/a.ts'`, 'the entrance is domain/index.ts'],
    ['a view that reads the sdk', 'web-client/src/views/a.tsx', `import '../../sdk/index.ts'`, 'no arrow'],
    ['a platform past the ports', 'web-client/src/platform/a.ts', `import '../../sdk/index.ts'`, 'sees only'],
    ['aedes outside its folder', 'broker/a.ts', `import { Aedes } from 'aedes'`, 'belongs to broker/aedes/'],
    ['a database driver', 'domain/a.ts', `import pg from 'pg'`, 'belongs to store/'],
    ['fastify in the broker', 'broker/a.ts', `import '@fastify/static'`, 'belongs to api/'],
    ['a package in the sdk', 'web-client/sdk/a.ts', `import { z } from 'zod'`, 'no package'],
    ['Node in the protocol', 'protocol/a.ts', `import 'node:fs'`, 'free of Node'],
    ['product code that needs a test', 'store/a.ts', `import './test/b.ts'`, 'test file store/test/b.ts'],
    ['a folder nobody knows', 'misc/a.ts', `export {}`, 'in no area'],
  ])('[ARROWS] finds %s', (_what, file, content, message) => {
    const { status, lines } = check({ [file]: content })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(file)
    expect(lines[0]).toContain(message)
    expect(status).toBe(1)
  })

  it('[ARROWS] finds a cycle, type-only and between tests too', () => {
    const { status, lines } = check({
      'store/a.ts': `import type { B } from './b.ts'\nexport type A = B`,
      'store/b.ts': `export type { C as B } from './c.ts'`,
      'store/c.ts': `import type { A } from './a.ts'\nexport type C = A | 1`,
      'api/test/a.ts': `import './b.ts'`,
      'api/test/b.ts': `import './a.ts'`,
    })
    expect(lines).toEqual([
      'api/test/a.ts: import cycle api/test/a.ts -> api/test/b.ts -> api/test/a.ts',
      'store/a.ts: import cycle store/a.ts -> store/b.ts -> store/c.ts -> store/a.ts',
    ])
    expect(status).toBe(1)
  })
})
