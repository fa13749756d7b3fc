import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp } from '../index.ts'
import { createSmallHouse, TOKEN } from './small-house.ts'

const house = createSmallHouse()
let app: FastifyInstance
const authorization = `Bearer ${TOKEN}`
const json = { authorization, 'content-type': 'application/json' }

beforeAll(async () => {
  app = await buildApp(house.deps)
})
afterAll(() => app.close())

test.each([
  ['broken JSON', 'POST', '/api/messages', '{"room":', 400, 'invalid_request'],
  ['a bare value', 'POST', '/api/messages', '[1]', 400, 'invalid_request'],
  ['null', 'POST', '/api/messages', 'null', 400, 'invalid_request'],
  ['a poisoned prototype', 'POST', '/api/messages', '{"__proto__":{"room":"ops"}}', 400, 'invalid_request'],
  ['ill-formed UTF-8', 'POST', '/api/messages', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400, 'invalid_request'],
  ['too long a body', 'POST', '/api/messages', JSON.stringify({ text: 'x'.repeat(70_000) }), 413, 'too_large'],
  ['an unknown path', 'POST', '/api/nothing', '{}', 404, 'not_found'],
  ['a path with another method', 'PUT', '/api/me', '{}', 404, 'not_found'],
  ['a path that does not decode', 'POST', '/api/rooms/%zz/leave', '{}', 400, 'invalid_request'],
  ['a bug', 'POST', '/api/messages', '{"room":"ops","text":"crash"}', 500, 'internal'],
] as const)('[ERR1] %s is answered in the one shape', async (_what, method, url, payload, status, code) => {
  const reply = await app.inject({ method, url, payload: payload as string | Buffer, headers: json })
  expect(reply.statusCode).toBe(status)
  expect(reply.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(reply.json()).toEqual({ error: { code, message: expect.any(String) } })
})

test('[ERR1] a refusal that passes says when to come back, in the body and in Retry-After', async () => {
  const payload = { username: 'alice', password: 'slow down' }
  const reply = await app.inject({ method: 'POST', url: '/api/login', payload })
  expect(reply.statusCode).toBe(429)
  expect(reply.headers['retry-after']).toBe('2')
  expect(reply.json().error).toMatchObject({ code: 'rate_limited', retryAfterMs: 1_200 })
})

test('[ERR2] a bug is logged with its stack and request id, and shows nothing of itself', async () => {
  house.logged.length = 0
  const payload = { room: 'ops', text: 'crash' }
  const reply = await app.inject({ method: 'POST', url: '/api/messages', headers: { authorization }, payload })
  expect(reply.body).not.toContain('secret')
  const line = house.logged.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'request failed')
  expect(line).toMatchObject({ level: 50, operation: 'send', requestId: reply.headers['x-request-id'] })
  expect(line.cause).toContain('a secret of the server')
})

test('[ERR2] the log holds no token, no text, no address', async () => {
  house.logged.length = 0
  const payload = { room: 'ops', text: 'between us' }
  await app.inject({ method: 'POST', url: '/api/messages', headers: { authorization }, payload })
  await app.inject({ url: '/api/messages?room=between-us', headers: { authorization: 'Bearer forged' } })
  expect(house.logged.join('')).not.toMatch(/between|forged|127\.0\.0\.1|token-of/)
  expect(house.logged).not.toHaveLength(0)
})

const oddTypes = [
  ...['text/plain', 'text/json', 'text/html', 'application/xml', 'application/octet-stream', 'multipart/form-data'],
  ...['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp', 'application/json5'],
  ...['application/vnd.api+json', 'application/problem+json', 'application', '/', '*/*', 'application/*', ';', ' '],
  ...[
    'application/json, text/plain',
    'application//json',
    'json',
    'application/json/x',
    '\u00e9',
    '"application/json"',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    `application/${'j'.repeat(4_000)}`,
    'a/b;'.repeat(500),
    'text/plain;json',
  ],
]
const posts = ['/api/register', '/api/login', '/api/refresh', '/api/logout', '/api/messages', '/api/rooms']

test('[ERR3] odd content types on every POST are refused cleanly', async () => {
  expect(oddTypes).toHaveLength(30)
  for (const url of posts) {
    for (const type of oddTypes) {
      const headers = { authorization, 'content-type': type }
      const reply = await app.inject({ method: 'POST', url, headers, payload: '{"username":"a","room":"ops"}' })
      expect({ url, type, status: reply.statusCode, code: reply.json().error.code }).toEqual({
        ...{ url, type, status: 415, code: 'invalid_request' },
      })
    }
  }
})
