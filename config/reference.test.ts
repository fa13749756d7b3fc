import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'
import { renderDefaults, renderReference } from './reference.ts'
import { settings } from './schema.ts'

const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8')

test('[CFG4] README.md and default.env are those of the schema', () => {
  expect(read('README.md')).toBe(renderReference())
  expect(read('default.env')).toBe(renderDefaults())
})

test('[CFG5] default.env names every setting, and its values are the defaults', () => {
  const lines = renderDefaults().matchAll(/^#([A-Z_]+)=(.*)$/gm)
  const given = Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]))
  expect(Object.keys(given)).toEqual(Object.keys(settings))
  expect(loadConfig(given)).toEqual(loadConfig({}))
})
