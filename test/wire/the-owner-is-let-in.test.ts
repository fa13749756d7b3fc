/** Who guesses a password from everywhere is slowed down, and the owner is not ([LIM2], [HTTP10]). */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Town } from './town.ts'

const RIGHT = 'nine blue herons at dusk'
let town: Town
beforeAll(async () => {
  town = await Town.open({ users: [], environment: { TRUST_PROXY: 'true', LIMIT_LOGIN_PER_MINUTE: '5' } })
})
afterAll(() => town?.close())

const post = (path: string, body: object, from: string, cookie?: string) =>
  fetch(`${town.product.url}/api/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': from,
      ...(cookie !== undefined && { cookie }),
    },
    body: JSON.stringify(body),
  })
const login = (password: string, from: string, cookie?: string) =>
  post('login', { username: 'ana', password }, from, cookie)
const markOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .find((cookie) => cookie.startsWith('tidings_browser='))
    ?.split(';')[0] ?? ''

test('[LIM2] [HTTP10] the browser that the owner used before signs in from a new place while others guess', async () => {
  const home = markOf(await post('register', { username: 'ana', password: RIGHT }, '198.51.100.1'))
  const stranger = markOf(await post('register', { username: 'bob', password: RIGHT }, '198.51.100.2'))
  for (let i = 0; i < 5; i++) expect((await login(`guess number ${i}`, `203.0.113.${i}`)).status).toBe(401)
  expect((await login(RIGHT, '192.0.2.1')).status).toBe(429)
  expect((await login(RIGHT, '192.0.2.2', stranger)).status).toBe(429)
  expect((await login(RIGHT, '192.0.2.3', `tidings_browser=${'m'.repeat(32)}`)).status).toBe(429)
  expect((await login(RIGHT, '192.0.2.4', home)).status).toBe(200)
  expect((await login(RIGHT, '198.51.100.1')).status).toBe(200)
})
