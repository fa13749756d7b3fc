import { afterAll, beforeAll, expect, test } from 'vitest'
import { Town } from './town.ts'

let town: Town
beforeAll(async () => {
  town = await Town.open({
    users: ['ana', 'ben'],
    environment: {
      LIMIT_REGISTRATIONS_PER_HOUR: '3',
      LIMIT_SEARCHES_PER_MINUTE: '4',
      LIMIT_EXPORTS_PER_HOUR: '1',
      LIMIT_PASSWORD_RESETS_PER_HOUR: '2',
    },
  })
})
afterAll(() => town?.close())

const PASSWORD = 'nine blue herons at dusk'

async function post(path: string, body: object, user?: string) {
  const answer = await fetch(town.product.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(user !== undefined && { authorization: `Bearer ${town.token(user)}` }),
    },
    body: JSON.stringify(body),
  })
  await answer.arrayBuffer()
  return { status: answer.status, retryAfter: Number(answer.headers.get('retry-after')) }
}

test('[LIM7] accounts are made so often from one address, and Retry-After says when again', async () => {
  const register = (username: string) => post('/api/register', { username, password: PASSWORD })
  expect((await register('carl')).status).toBe(201)
  const refused = await register('dora')
  expect(refused.status).toBe(429)
  expect(refused.retryAfter).toBeGreaterThan(3_500)
  expect(refused.retryAfter).toBeLessThanOrEqual(3_600)
})

test('[LIM7] searches of one user are counted over both doors together, and others go on', async () => {
  const ana = await town.connect('ana')
  for (let n = 0; n < 2; n++) {
    expect((await town.request('GET', '/api/users?q=b', undefined, 'ana')).status).toBe(200)
    expect(await ana.ask('ana', 'users', { q: 'b' })).toMatchObject({ ok: true })
  }
  const overMqtt = await ana.ask('ana', 'users', { q: 'b' })
  expect(overMqtt).toMatchObject({ ok: false, error: { code: 'rate_limited', retryAfterMs: expect.any(Number) } })
  expect((await town.request('GET', '/api/users?q=b', undefined, 'ana')).status).toBe(429)
  expect((await town.request('GET', '/api/users?q=a', undefined, 'ben')).status).toBe(200)
})

test('[LIM7] exports and links for a new password have limits of their own', async () => {
  const exported = () => post('/api/me/export', { password: PASSWORD }, 'ben')
  expect((await exported()).status).toBe(201)
  expect(await exported()).toMatchObject({ status: 429, retryAfter: expect.any(Number) })
  const reset = () => post('/api/password-reset', { username: 'ana' })
  const answers = [await reset(), await reset(), await reset()]
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 429])
})
