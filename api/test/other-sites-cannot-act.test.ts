/** What a page of another site can make a browser send, and that nothing comes of it ([HTTP4]). */
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { createOperationTable, defineOperation, type Visitor } from '../../domain/index.ts'
import { buildApp } from '../index.ts'
import { createSmallHouse } from './small-house.ts'

const callers: Visitor[] = []
/** Signs in whoever asks for it with the right password, and remembers who asked. */
const login = defineOperation({
  name: 'login',
  summary: 'Signs in',
  input: z.object({ password: z.string() }),
  access: 'nobody',
  http: { method: 'POST', path: '/api/login' },
  mqtt: false,
  async handle({ password }, caller: Visitor) {
    callers.push(caller)
    return password === 'right' ? { refreshToken: 'refresh-1' } : {}
  },
})
const leave = defineOperation({
  name: 'leave',
  summary: 'Does something without a body',
  input: z.object({}),
  access: 'nobody',
  http: { method: 'POST', path: '/api/leave', status: 204 },
  mqtt: false,
  async handle(_input, caller: Visitor) {
    callers.push(caller)
  },
})

let app: FastifyInstance
beforeAll(async () => {
  app = await buildApp(createSmallHouse({ operations: createOperationTable([login, leave]) }).deps)
})
afterAll(() => app.close())

const post = (url: string, headers: Record<string, string>, payload?: string) =>
  app.inject({ method: 'POST', url, headers, ...(payload !== undefined && { payload }) })
const json = { 'content-type': 'application/json' }
const right = JSON.stringify({ password: 'right' })

describe('[HTTP4] a page of another site', () => {
  test.each([
    ['application/x-www-form-urlencoded', 'password=right'],
    ['application/x-www-form-urlencoded', ''],
    ['multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name=password\r\n\r\nright\r\n--x--'],
    ['text/plain', right],
    ['text/plain; charset=application/json', right],
  ])('[HTTP4] sends a form as %s in vain', async (type, body) => {
    const before = callers.length
    for (const url of ['/api/login', '/api/leave']) {
      const reply = await post(url, { 'content-type': type }, body)
      expect(reply.statusCode).toBe(415)
      expect(reply.headers).not.toHaveProperty('set-cookie')
    }
    expect(callers).toHaveLength(before)
  })

  test('[HTTP4] is not allowed to send JSON, and reads no answer', async () => {
    const headers = {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type, authorization',
    }
    const preflight = await app.inject({ method: 'OPTIONS', url: '/api/login', headers })
    expect(preflight.statusCode).toBe(404)
    const reply = await post('/api/login', { ...json, origin: 'https://evil.example' }, right)
    for (const { headers: got } of [preflight, reply]) {
      expect(Object.keys(got).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  test('[HTTP4] signs nobody in or out where a cookie of ours is', async () => {
    const before = callers.length
    for (const cookie of ['tidings_refresh=refresh-7', `tidings_browser=${'m'.repeat(32)}`]) {
      const headers = { ...json, cookie, origin: 'https://evil.example' }
      expect((await post('/api/login', headers, right)).statusCode).toBe(403)
      expect((await post('/api/leave', { cookie, origin: 'null' })).statusCode).toBe(403)
    }
    expect(callers).toHaveLength(before)
  })
})

describe('[HTTP10] a browser is known again', () => {
  const markOf = (reply: { cookies: object[] }): { value: string } | undefined =>
    reply.cookies.find((cookie) => 'name' in cookie && cookie.name === 'tidings_browser') as { value: string }

  test('[HTTP10] by a random mark that it gets when somebody signs in there', async () => {
    const refused = await post('/api/login', json, JSON.stringify({ password: 'wrong' }))
    expect(markOf(refused)).toBeUndefined()
    const [one, other] = [await post('/api/login', json, right), await post('/api/login', json, right)]
    const mark = markOf(one)
    expect(mark).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/api', maxAge: 400 * 24 * 3_600 })
    expect(mark?.value).toMatch(/^[\w-]{32}$/)
    expect(markOf(other)?.value).not.toBe(mark?.value)
    // The sign-in itself belongs to the mark, so that the place is known from the first time on.
    expect(callers.at(-2)?.browser).toBe(mark?.value)
    const cookie = `tidings_browser=${mark?.value}`
    const again = await post('/api/login', { ...json, cookie }, right)
    expect([markOf(again)?.value, callers.at(-1)?.browser]).toEqual([mark?.value, mark?.value])
  })

  test('[HTTP10] and by nothing that it made up itself', async () => {
    for (const made of ['', 'short', 'x'.repeat(4_000), '__proto__', `${'x'.repeat(31)}%00`]) {
      await post('/api/leave', { cookie: `tidings_browser=${made}` })
      expect(callers.at(-1)?.browser).toMatch(/^[\w-]{32}$/)
    }
  })
})
