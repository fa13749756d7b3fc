import { gunzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { acceptsGzip } from '../compress-reply.ts'
import { buildApp } from '../index.ts'
import { createSmallHouse, TOKEN } from './small-house.ts'

let app: FastifyInstance
let ready: () => Promise<boolean>
const authorization = `Bearer ${TOKEN}`

beforeEach(async () => {
  ready = async () => true
  app = await buildApp(createSmallHouse({ ready: () => ready(), limits: { anonymousPerMinute: 3 } }).deps)
})
afterEach(() => app.close())

describe('[HTTP7] health, metrics and keys', () => {
  test('[HTTP7] live answers; ready follows the house', async () => {
    expect((await app.inject({ url: '/health/live' })).json()).toEqual({ status: 'ok' })
    expect((await app.inject({ url: '/health/ready' })).statusCode).toBe(200)
    for (const no of [async () => false, async () => Promise.reject(new Error('no database'))]) {
      ready = no
      const reply = await app.inject({ url: '/health/ready' })
      expect(reply.statusCode).toBe(503)
      expect(reply.json().error.code).toBe('unavailable')
    }
  })

  test('[HTTP7] metrics count requests by operation', async () => {
    await app.inject({ url: '/api/me', headers: { authorization } })
    const reply = await app.inject({ url: '/metrics' })
    expect(reply.headers['content-type']).toMatch(/^text\/plain/)
    expect(reply.body).toContain('tidings_http_request_seconds_count{operation="me",status="200"} 1')
  })

  test('[HTTP7] the public keys are at the well-known place', async () => {
    const reply = await app.inject({ url: '/.well-known/jwks.json' })
    expect(reply.json()).toEqual({ keys: [expect.objectContaining({ kid: 'k1' })] })
    expect(reply.headers['cache-control']).toBe('public, max-age=300')
  })
})

describe('[HTTP9] OpenAPI', () => {
  test('[HTTP9] describes every operation, its path, query and body', async () => {
    const document = (await app.inject({ url: '/api/docs/json' })).json()
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toContain('/api/rooms/{room}/members/{user}')
    expect(Object.keys(document.paths).some((path) => path.includes('docs'))).toBe(false)
    const history = document.paths['/api/messages'].get
    expect(history.parameters).toContainEqual(
      expect.objectContaining({
        in: 'query',
        name: 'room',
        required: true,
        schema: expect.objectContaining({ pattern: expect.any(String) }),
      }),
    )
    expect(history.security).toEqual([{ bearer: [] }])
    const body = document.paths['/api/rooms'].post.requestBody.content['application/json'].schema
    expect(Object.keys(body.properties)).toEqual(expect.arrayContaining(['id', 'kind', 'members']))
    expect(body.required).toEqual(['kind'])
    expect(document.paths['/api/login'].post.security).toEqual([])
    expect(document.paths['/api/rooms/{room}/leave'].post.requestBody).toBeUndefined()
    expect(Object.keys(document.paths['/api/rooms/{room}/leave'].post.responses)).toEqual(['204', 'default'])
  })

  test('[HTTP9] has a reader with a policy of its own', async () => {
    const page = await app.inject({ url: '/api/docs' })
    expect(page.headers['content-security-policy']).not.toContain('trusted-types')
    expect(page.headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/)
    for (const [, url = ''] of page.body.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect((await app.inject({ url })).statusCode, url).toBe(200)
    }
  })
})

describe('[HTTP5] strangers are limited by address', () => {
  const login = (remoteAddress: string) =>
    app.inject({ method: 'POST', url: '/api/login', payload: { username: 'a', password: 'right' }, remoteAddress })

  test('[HTTP5] requests without a valid credential count together', async () => {
    const me = { url: '/api/me', headers: { authorization: 'Bearer forged' }, remoteAddress: '192.0.2.1' }
    expect((await login('192.0.2.1')).statusCode).toBe(200)
    expect((await app.inject(me)).statusCode).toBe(401)
    expect((await login('192.0.2.1')).statusCode).toBe(200)
    const reply = await app.inject(me)
    expect(reply.statusCode).toBe(429)
    expect(reply.json().error).toMatchObject({ code: 'rate_limited', retryAfterMs: expect.any(Number) })
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
    expect((await login('192.0.2.2')).statusCode).toBe(200)
  })

  test('[HTTP5] people signed in are not counted', async () => {
    for (let i = 0; i < 10; i++) {
      const reply = await app.inject({ url: '/api/me', headers: { authorization } })
      expect(reply.statusCode).toBe(200)
    }
  })

  test('[HTTP5] the addresses of one IPv6 network are one', async () => {
    for (const host of ['1', '2', '3']) expect((await login(`2001:db8::${host}`)).statusCode).toBe(200)
    expect((await login('2001:db8::4')).statusCode).toBe(429)
  })
})

describe('[HTTP6] long replies are compressed', () => {
  const send = (repeat: number, encoding?: string) =>
    app.inject({
      method: 'POST',
      url: '/api/messages',
      headers: { authorization, ...(encoding !== undefined && { 'accept-encoding': encoding }) },
      payload: { room: 'ops', repeat },
    })

  test('[HTTP6] for who takes gzip', async () => {
    const reply = await send(1_000, 'gzip, deflate, br')
    expect(reply.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
    expect(Number(reply.headers['content-length'])).toBe(reply.rawPayload.length)
    expect(reply.rawPayload.length).toBeLessThan(500)
    expect(JSON.parse(gunzipSync(reply.rawPayload).toString()).text).toHaveLength(8_000)
  })

  test('[HTTP6] not for others, nor when short', async () => {
    expect((await send(1_000)).headers).not.toHaveProperty('content-encoding')
    expect((await send(10, 'gzip')).headers).not.toHaveProperty('content-encoding')
  })

  test.each([
    ['gzip', true],
    ['br;q=1.0, GZIP;q=0.5', true],
    ['*', true],
    ['gzip;q=0, *', false],
    ['br', false],
    ['', false],
  ])('[HTTP6] Accept-Encoding %j: %s', (header, expected) => {
    expect(acceptsGzip(header)).toBe(expected)
  })
})
