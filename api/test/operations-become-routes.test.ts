import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApp } from '../index.ts'
import { APP_TOKEN, createSmallHouse, TOKEN } from './small-house.ts'

let app: FastifyInstance
const authorization = `Bearer ${TOKEN}`

beforeAll(async () => {
  app = await buildApp(createSmallHouse().deps)
})
afterAll(() => app.close())

describe('[HTTP1] routes are made from the table of operations', () => {
  test('[HTTP1] path, query and body become one input; the path wins', async () => {
    const reply = await app.inject({
      method: 'PUT',
      url: '/api/rooms/ops/members/bob?role=reader',
      headers: { authorization },
      payload: { role: 'admin', room: 'other', user: 'eve' },
    })
    expect(reply.statusCode).toBe(200)
    expect(reply.json()).toEqual({ room: 'ops', user: 'bob', role: 'admin' })
  })

  test('[HTTP1] query strings are coerced by the schema and get its defaults', async () => {
    const reply = await app.inject({ url: '/api/messages?room=ops&after=41', headers: { authorization } })
    expect(reply.json()).toMatchObject({ room: 'ops', after: 41 })
    expect(reply.json().limit).toBeGreaterThan(0)
  })

  test('[HTTP1] body fields take their name over HTTP', async () => {
    const reply = await app.inject({
      method: 'POST',
      url: '/api/rooms',
      headers: { authorization },
      payload: { id: 'ops', kind: 'public' },
    })
    expect(reply.statusCode).toBe(201)
    expect(reply.json()).toEqual({ room: 'ops', kind: 'public', members: [] })
  })

  test('[HTTP1] 204 has no body, also for a POST that names a type and sends nothing', async () => {
    const reply = await app.inject({
      method: 'POST',
      url: '/api/rooms/ops/leave',
      headers: { authorization, 'content-type': 'application/json' },
    })
    expect(reply.statusCode).toBe(204)
    expect(reply.body).toBe('')
  })

  test('[HTTP1] input that the schema refuses is invalid_request with details', async () => {
    const reply = await app.inject({ url: '/api/messages?room=NO&after=1&after=2', headers: { authorization } })
    expect(reply.statusCode).toBe(400)
    expect(reply.json().error).toMatchObject({ code: 'invalid_request', details: expect.any(Array) })
  })
})

describe('[HTTP2] who asks', () => {
  test.each([TOKEN, APP_TOKEN])('[HTTP2] a Bearer credential is taken: %s', async (credential) => {
    const reply = await app.inject({ url: '/api/me', headers: { authorization: `bearer ${credential}` } })
    expect(reply.statusCode).toBe(200)
    expect(reply.headers['cache-control']).toBe('no-store')
  })

  test.each([
    [undefined, 'unauthorized', 'Bearer realm="tidings"'],
    ['Basic YWxpY2U6cGFzcw==', 'unauthorized', 'Bearer realm="tidings"'],
    ['Bearer', 'unauthorized', 'Bearer realm="tidings"'],
    ['Bearer a b', 'unauthorized', 'Bearer realm="tidings"'],
    ['Bearer forged', 'invalid_token', 'Bearer realm="tidings", error="invalid_token"'],
    ['Bearer old', 'token_expired', 'Bearer realm="tidings", error="invalid_token"'],
  ])('[HTTP2] %s is answered 401 %s', async (header, code, challenge) => {
    const reply = await app.inject({ url: '/api/me', headers: header === undefined ? {} : { authorization: header } })
    expect(reply.statusCode).toBe(401)
    expect(reply.json().error.code).toBe(code)
    expect(reply.headers['www-authenticate']).toBe(challenge)
  })

  test('[HTTP2] a stranger gets 401 before his body is read', async () => {
    const payload = '{"text": broken'
    const headers = { 'content-type': 'application/json' }
    const reply = await app.inject({ method: 'POST', url: '/api/messages', headers, payload })
    expect(reply.statusCode).toBe(401)
  })

  test('[HTTP2] a stale token is no obstacle where nobody needs to be signed in', async () => {
    const reply = await app.inject({
      method: 'POST',
      url: '/api/login',
      headers: { authorization: 'Bearer old' },
      payload: { username: 'alice', password: 'right' },
    })
    expect(reply.statusCode).toBe(200)
  })
})
