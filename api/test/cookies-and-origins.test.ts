import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isOwnOrigin } from '../check-origin.ts'
import { buildApp } from '../index.ts'
import { createSmallHouse, TOKEN } from './small-house.ts'

let app: FastifyInstance
let base: string

beforeAll(async () => {
  app = await buildApp(createSmallHouse().deps)
  await app.listen({ host: '127.0.0.1', port: 0 })
  base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
})
afterAll(() => app.close())

const post = (path: string, headers: Record<string, string> = {}, body?: object) =>
  fetch(`${base}${path}`, {
    method: 'POST',
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
const cookieOf = (reply: Response): string => reply.headers.getSetCookie().join()
const alice = { username: 'alice', password: 'right' }

describe('[HTTP3] the refresh token travels as a cookie too', () => {
  test('[HTTP3] signing in sets it out of reach of scripts and of other sites', async () => {
    for (const path of ['/api/register', '/api/login']) {
      const cookie = cookieOf(await post(path, {}, alice))
      expect(cookie).toMatch(/^tidings_refresh=refresh-1;/)
      expect(cookie).toMatch(/; Path=\/api; HttpOnly; SameSite=Strict$/)
      expect(cookie).not.toContain('Secure')
    }
  })

  test('[HTTP3] a failed sign-in sets none', async () => {
    expect(cookieOf(await post('/api/login', {}, { ...alice, password: 'wrong' }))).toBe('')
  })

  test('[HTTP3] refresh takes it without a body and sets the next one; the body comes first', async () => {
    const headers = { cookie: 'tidings_refresh=refresh-7' }
    const reply = await post('/api/refresh', headers)
    expect(reply.status).toBe(200)
    expect(await reply.json()).toMatchObject({ refreshToken: 'refresh-7+' })
    expect(cookieOf(reply)).toMatch(/^tidings_refresh=refresh-7%2B;/)
    const named = await post('/api/refresh', headers, { refreshToken: 'refresh-8' })
    expect(await named.json()).toMatchObject({ refreshToken: 'refresh-8+' })
  })

  test('[HTTP3] logout clears it, and so does a refused one', async () => {
    const logout = await post('/api/logout', { cookie: 'tidings_refresh=refresh-7' })
    expect(logout.status).toBe(204)
    expect(cookieOf(logout)).toMatch(/^tidings_refresh=; .*Expires=Thu, 01 Jan 1970/)
    const refused = await post('/api/refresh', { cookie: 'tidings_refresh=stolen' })
    expect(refused.status).toBe(401)
    expect(cookieOf(refused)).toMatch(/^tidings_refresh=; /)
  })

  test('[HTTP3] it is Secure where people come by https', async () => {
    const { deps } = createSmallHouse({ publicUrl: 'https://chat.example.org' })
    const secure = await buildApp(deps)
    const reply = await secure.inject({ method: 'POST', url: '/api/login', payload: alice })
    const protection = { secure: true, httpOnly: true, sameSite: 'Strict', path: '/api' }
    expect(reply.cookies).toMatchObject([
      { name: 'tidings_refresh', ...protection },
      { name: 'tidings_browser', ...protection },
    ])
    expect(reply.headers['strict-transport-security']).toBe('max-age=31536000')
    expect(reply.headers['content-security-policy']).toContain("connect-src 'self' wss://chat.example.org;")
    await secure.close()
  })
})

describe('[HTTP4] requests that carry the cookie come from our own pages', () => {
  const cookie = 'tidings_refresh=refresh-7'

  test.each(['https://evil.example', 'http://127.0.0.1:1', 'null', 'file://', ''])(
    '[HTTP4] not from %j',
    async (origin) => {
      const reply = await post('/api/refresh', { cookie, origin })
      expect(reply.status).toBe(403)
      expect(await reply.json()).toMatchObject({ error: { code: 'forbidden' } })
      expect(cookieOf(reply)).toBe('')
    },
  )

  test('[HTTP4] from our own host, and without Origin', async () => {
    expect((await post('/api/refresh', { cookie, origin: base })).status).toBe(200)
    expect((await post('/api/refresh', { cookie })).status).toBe(200)
  })

  test('[HTTP4] reading and requests without the cookie are free', async () => {
    const headers = { cookie, origin: 'https://evil.example', authorization: `Bearer ${TOKEN}` }
    expect((await fetch(`${base}/api/me`, { headers })).status).toBe(200)
    expect((await post('/api/login', { origin: 'https://evil.example' }, alice)).status).toBe(200)
  })

  test.each([
    ['https://chat.example.org', 'inner:8080', 'https://chat.example.org', true],
    ['http://inner:8080', 'inner:8080', 'https://chat.example.org', false],
    ['http://chat.example.org', 'inner:8080', 'https://chat.example.org/', false],
    ['https://chat.example.org', 'chat.example.org:443', undefined, true],
    ['http://chat.example.org:8080', 'chat.example.org', undefined, false],
  ])('[HTTP4] origin %s at host %s with public address %s: %s', (origin, host, publicUrl, expected) => {
    expect(isOwnOrigin(origin, host, publicUrl)).toBe(expected)
  })
})
