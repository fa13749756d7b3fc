import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp } from '../index.ts'
import { createSmallHouse } from './small-house.ts'

let folder: string
let app: FastifyInstance
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const script = 'console.log("tidings")\n'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidings-web-'))
  const webRoot = join(folder, 'dist')
  await mkdir(join(webRoot, 'assets'), { recursive: true })
  await writeFile(join(webRoot, 'index.html'), '<!doctype html><title>Tidings</title>')
  await writeFile(join(webRoot, 'service-worker.js'), script)
  await writeFile(join(webRoot, '.secret'), 'secret')
  await writeFile(join(webRoot, 'assets', 'main-abc12345.js'), script)
  await writeFile(join(webRoot, 'assets', 'main-abc12345.js.br'), brotliCompressSync(script))
  await writeFile(join(folder, 'outside.txt'), 'secret')
  app = await buildApp(createSmallHouse({ webRoot }).deps)
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

test.each(['/', '/index.html', '/rooms/ops', '/sign-in?next=/rooms/ops', '/rooms/alice.smith'])(
  '[WEB1] %s is the page of the web client, asked for again each time',
  async (url) => {
    const reply = await app.inject({ url, headers: html })
    expect(reply.statusCode).toBe(200)
    expect(reply.headers['content-type']).toMatch(/^text\/html/)
    expect(reply.headers['cache-control']).toBe('no-cache')
    expect(reply.body).toContain('<title>Tidings</title>')
  },
)

test.each(['/api/nothing', '/api', '/health/x', '/mqtt', '/.well-known/x', '/assets/gone-12345678.js'])(
  '[WEB1] %s is never a page',
  async (url) => {
    const reply = await app.inject({ url, headers: html })
    expect(reply.statusCode).toBe(404)
    expect(reply.json().error.code).toBe('not_found')
  },
)

test('[WEB1] what does not ask for a page gets none', async () => {
  const reply = await app.inject({ url: '/rooms/ops', headers: { accept: '*/*' } })
  expect(reply.statusCode).toBe(404)
})

test('[WEB2] hashed files are kept for ever, the service worker is not', async () => {
  const asset = await app.inject({ url: '/assets/main-abc12345.js' })
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  const worker = await app.inject({ url: '/service-worker.js' })
  expect(worker.headers['cache-control']).toBe('no-cache')
  const again = await app.inject({
    url: '/service-worker.js',
    headers: { 'if-none-match': String(worker.headers.etag) },
  })
  expect(again.statusCode).toBe(304)
})

test('[WEB2] the build’s compressed files are served to who takes them', async () => {
  const headers = { 'accept-encoding': 'gzip, deflate, br' }
  const reply = await app.inject({ url: '/assets/main-abc12345.js', headers })
  expect(reply.headers['content-encoding']).toBe('br')
  expect(reply.headers['content-type']).toMatch(/^(text|application)\/javascript/)
  expect(reply.headers.vary).toContain('accept-encoding')
  expect(reply.headers['cache-control']).toContain('immutable')
  expect(brotliDecompressSync(reply.rawPayload).toString()).toBe(script)
})

test.each([
  '/.secret',
  '/../outside.txt',
  '/%2e%2e/outside.txt',
  '/assets/..%2f..%2foutside.txt',
  '//outside.txt',
  '/%00',
])('[WEB3] %s does not leave the folder', async (url) => {
  const reply = await app.inject({ url })
  expect(reply.statusCode).toBeGreaterThanOrEqual(400)
  expect(reply.statusCode).toBeLessThan(500)
  expect(reply.body).not.toContain('secret')
})

test('[WEB3] every reply carries the policy of the web client and the other security headers', async () => {
  for (const url of ['/', '/api/me', '/nothing']) {
    const reply = await app.inject({ url, headers: html })
    expect(reply.headers['content-security-policy']?.toString().split(';').sort()).toEqual(
      [
        ...["default-src 'self'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:"],
        ...["connect-src 'self'", "object-src 'none'", "frame-src 'none'", "base-uri 'none'", "form-action 'self'"],
        ...["frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"],
      ].sort(),
    )
    expect(reply.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=(), '),
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin')
    expect(reply.headers).not.toHaveProperty('strict-transport-security')
  }
})

test('[WEB1] without a built web client the API stands alone', async () => {
  const house = createSmallHouse({ webRoot: join(folder, 'absent') })
  const bare = await buildApp(house.deps)
  expect((await bare.inject({ url: '/', headers: html })).statusCode).toBe(404)
  expect((await bare.inject({ url: '/health/live' })).statusCode).toBe(200)
  expect(house.logged.join('')).toContain('the web client is not built')
  await bare.close()
})
