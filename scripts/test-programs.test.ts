import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findProgram } from './programs.mjs'
import { programPath } from './test-programs.ts'

describe('[TESTS] programs of the machine', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidings-programs-'))
    vi.stubEnv('PATH', `/nowhere:${folder}`)
    vi.stubEnv('CHROMIUM_PATH', undefined)
    vi.stubEnv('TIDINGS_SKIP', undefined)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })

  it('[TESTS] finds an executable on the PATH and nothing else', () => {
    expect(findProgram('mosquitto')).toBeUndefined()
    expect(() => programPath('mosquitto')).toThrow('mosquitto_pub is not installed')
    writeFileSync(join(folder, 'mosquitto_pub'), '')
    expect(findProgram('mosquitto')).toBeUndefined()
    chmodSync(join(folder, 'mosquitto_pub'), 0o755)
    expect(programPath('mosquitto')).toBe(join(folder, 'mosquitto_pub'))
  })

  it('[TESTS] takes the browser that CHROMIUM_PATH names, unless TIDINGS_SKIP leaves it out', () => {
    vi.stubEnv('CHROMIUM_PATH', '/opt/browser')
    expect(findProgram('chromium')).toBe('/opt/browser')
    vi.stubEnv('TIDINGS_SKIP', 'redis, chromium')
    expect(findProgram('chromium')).toBeUndefined()
  })
})
