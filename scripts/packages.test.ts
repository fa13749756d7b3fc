import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

type LockedPackage = { version: string; deprecated?: string }

const lock = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8')) as {
  packages: Record<string, LockedPackage>
}
const versionsOf = (name: string) =>
  Object.entries(lock.packages)
    .filter(([path]) => path.endsWith(`node_modules/${name}`))
    .map(([, locked]) => locked.version)

describe('[PACKAGES] the lock file', () => {
  it.each([
    ['preact', '11.'],
    ['@preact/signals-core', ''],
    ['aedes', '1.2.0'],
    ['aedes-persistence-redis', '12.'],
    ['ioredis', '6.'],
  ])('[PACKAGES] holds %s once, version %s', (name, version) => {
    expect(versionsOf(name)).toEqual([expect.stringMatching(new RegExp(`^${version.replaceAll('.', '\\.')}`))])
  })

  it('[PACKAGES] holds nothing deprecated', () => {
    const deprecated = Object.entries(lock.packages).filter(([, locked]) => locked.deprecated)
    expect(deprecated).toEqual([])
  })
})
