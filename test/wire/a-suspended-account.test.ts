/** Who is suspended is gone from every door, until the suspension ends. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Town } from './town.ts'

let town: Town

beforeAll(async () => {
  town = await Town.open({ users: ['olga'] })
  for (const user of ['alice', 'bob']) await town.register(user)
})
afterAll(() => town?.close())
afterEach(() => town.hangUp())

const suspend = (fields: object) => town.must('PUT', '/api/admin/users/bob/suspension', fields, 'olga')
const login = (password: string) => town.request('POST', '/api/login', { username: 'bob', password })
const PASSWORD = 'nine blue herons at dusk'

test('[P6] [ADM6] closes every connection of its sessions and app tokens within 5 s, on both transports', async () => {
  const app = await town.appToken('bob')
  const { refreshToken } = await town.signIn('bob')
  const clients = await Promise.all(
    (['tcp', 'websocket'] as const).flatMap((transport) => [
      town.connect('bob', { transport, clientId: `phone-${transport}` }),
      town.connect('bob', { transport, clientId: `bot-${transport}`, password: app.token }),
    ]),
  )
  const others = [await town.connect('alice', { clientId: 'other' }), await town.connect('olga', { clientId: 'owner' })]
  const began = performance.now()
  await suspend({ reason: 'spam' })
  await Promise.all(clients.map((client) => client.closed))
  expect(performance.now() - began).toBeLessThan(5_000)
  await Promise.all(others.map((client) => client.ping()))

  const suspended = { status: 403, body: { error: { code: 'suspended', details: { reason: 'spam' } } } }
  for (const credential of [town.token('bob'), app.token]) {
    expect(await town.request('GET', '/api/me', undefined, credential)).toMatchObject(suspended)
    expect(await (await town.open()).connect({ username: 'bob', password: credential })).toBe(4)
  }
  expect(await town.request('POST', '/api/refresh', { refreshToken })).toMatchObject(suspended)
  expect(await login(PASSWORD)).toMatchObject(suspended)
})

test('[ADM6] only who has the right password is told that he is suspended', async () => {
  expect(await login('not the password')).toMatchObject({
    status: 401,
    body: { error: { code: 'invalid_credentials' } },
  })
})

test('[ADM6] ends by itself: app tokens work again, sessions are to be begun anew', async () => {
  const before = town.token('bob')
  await suspend({ reason: 'a moment', until: Date.now() + 1_500 })
  expect((await login(PASSWORD)).status).toBe(403)
  await expect.poll(async () => (await login(PASSWORD)).status, { timeout: 10_000, interval: 200 }).toBe(200)
  expect(await town.request('GET', '/api/me', undefined, before)).toMatchObject({
    status: 401,
    body: { error: { code: 'session_ended' } },
  })
})
