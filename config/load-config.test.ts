import { expect, test } from 'vitest'
import { ConfigError, loadConfig } from './load-config.ts'

test('[CFG1] an empty environment gives the documented defaults', () => {
  const config = loadConfig({})
  expect(config).toMatchObject({
    host: '127.0.0.1',
    httpPort: 8080,
    mqttPort: 1883,
    mqttsPort: 0,
    registration: 'open',
    database: { driver: 'embedded', directory: 'data/postgres' },
    limits: { connectionsPerUser: 20, sendPerSecond: 20, packetBytes: 65_536, unsentBytes: 1_048_576 },
  })
  expect([...config.roles]).toEqual(['broker', 'api'])
  expect(loadConfig({}, true).dataDirectory).toBe('/var/lib/tidings')
})

test('[CFG2] all problems are reported at once, and no secret among them', () => {
  const wrong = {
    HTTP_PORT: 'eighty',
    LIMIT_SEND_PER_SECOND: '-1',
    SECRET_KEY: 'short',
    ROLES: 'broker,cook',
    MQTTS_PORT: '8883',
  }
  const error = catchError(() => loadConfig({ ...wrong, LIMIT_TYPO: '1' }))
  expect(error).toBeInstanceOf(ConfigError)
  const { message } = error as ConfigError
  for (const name of [...Object.keys(wrong), 'LIMIT_TYPO']) expect(message).toContain(name)
  expect(message).not.toContain('short')
})

test('[CFG3] an empty variable is an absent one, and 0 switches a limit off', () => {
  expect(loadConfig({ DATABASE_URL: '', LIMIT_UNSENT_BYTES: '0' })).toMatchObject({
    database: { driver: 'embedded' },
    limits: { unsentBytes: 0 },
  })
})

function catchError(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
