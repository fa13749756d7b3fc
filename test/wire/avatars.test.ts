/** Pictures of people: what is taken, how it is given, and what is not taken. */
import { request } from 'node:http'
import { crc32, deflateSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Town } from './town.ts'

let town: Town
beforeAll(async () => {
  town = await Town.open({ users: ['alice', 'bob'], rooms: { attic: ['alice', 'bob'] } })
})
afterAll(() => town?.close())

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [head, foot] = [Buffer.alloc(4), Buffer.alloc(4)]
  head.writeUInt32BE(data.length)
  foot.writeUInt32BE(crc32(body))
  return Buffer.concat([head, body, foot])
}

function png(width: number, height: number, ...more: Buffer[]): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  const lines = deflateSync(Buffer.alloc(height > 100 ? 16 : (width + 1) * height))
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...more,
    chunk('IDAT', lines),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const SCRIPT = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')

async function put(body: Uint8Array | string, type: string | undefined, token = town.token('alice')) {
  const answer = await fetch(`${town.product.url}/api/me/avatar`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, ...(type !== undefined && { 'content-type': type }) },
    body: body,
  })
  const reply = (await answer.json()) as { avatar?: string; error?: { code: string } }
  return { status: answer.status, avatar: reply.avatar, code: reply.error?.code }
}

/** The answer to a picture of so many bytes that never come: it is refused on its announced length. */
function announce(bytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const upload = request(`${town.product.url}/api/me/avatar`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${town.token('alice')}`,
        'content-type': 'image/png',
        'content-length': bytes,
      },
    })
    upload.once('response', (answer) => {
      resolve(answer.statusCode)
      upload.destroy()
    })
    upload.once('error', reject)
    upload.flushHeaders()
  })
}

const see = (id: string | undefined) => fetch(`${town.product.url}/api/avatars/${id}`)

test('[PEO2] a picture is shown to everybody who knows its address, and cannot be anything else', async () => {
  const bob = await town.connect('bob')
  await bob.subscribe(['rooms/+/presence/+', 'users/bob/inbox'])
  const dirty = Buffer.concat([png(32, 32, chunk('tEXt', SCRIPT)), SCRIPT])
  const { status, avatar } = await put(dirty, 'image/png')
  expect(status).toBe(200)
  expect(avatar).toMatch(/^[A-Za-z0-9_-]{22}$/)
  const shown = await see(avatar)
  expect(Object.fromEntries(shown.headers)).toMatchObject({
    'content-type': 'image/png',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-security-policy': "default-src 'none'",
    'x-content-type-options': 'nosniff',
    'content-disposition': 'inline',
  })
  expect(Buffer.from(await shown.arrayBuffer()).equals(png(32, 32))).toBe(true)

  const notice = JSON.parse((await bob.message(({ text }) => text.includes('"profile"'))).text)
  expect(notice).toEqual({ type: 'profile', user: 'alice', displayName: 'alice', avatar })
  const get = async (path: string) => (await town.must('GET', path, undefined, 'bob')).body
  expect(await get('/api/users/alice')).toMatchObject({ avatar })
  expect((await get('/api/users?q=ali')).users).toEqual([{ id: 'alice', displayName: 'alice', avatar }])
  expect((await get('/api/sync')).users).toContainEqual(expect.objectContaining({ id: 'alice', avatar }))
  expect((await get('/api/rooms/attic/members')).members).toContainEqual(
    expect.objectContaining({ user: 'alice', avatar }),
  )
  expect((await get('/api/contacts')).contacts).toEqual([{ id: 'alice', displayName: 'alice', avatar }])
  town.hangUp()
})

test('[PEO2] the next one has another address, the one before is gone, and so is the last', async () => {
  const first = await put(png(8, 8), 'image/png')
  const second = await put(png(8, 8), 'image/png')
  expect(second.avatar).not.toBe(first.avatar)
  expect((await see(first.avatar)).status).toBe(404)
  expect((await see(second.avatar)).status).toBe(200)
  await town.must('DELETE', '/api/me/avatar', undefined, 'alice')
  expect((await see(second.avatar)).status).toBe(404)
  expect((await town.must('GET', '/api/me', undefined, 'alice')).body).not.toHaveProperty('avatar')
  for (const id of ['x', '..%2f..%2fetc', 'A'.repeat(22), `${'A'.repeat(21)}%00`])
    expect((await see(id)).status).toBe(404)
})

test('[PEO2] whatever is no picture is refused with a code', async () => {
  const { avatar } = await put(png(8, 8), 'image/png')
  const refused = async (body: Uint8Array | string, type: string | undefined, status: number, code: string) =>
    expect(await put(body, type)).toMatchObject({ status, code })
  await refused(SCRIPT, 'image/svg+xml', 415, 'invalid_image')
  await refused(SCRIPT, 'image/png', 415, 'invalid_image')
  await refused(png(8, 8), 'image/webp', 415, 'invalid_image')
  await refused(png(8, 8), 'text/html', 415, 'invalid_image')
  await refused('{"contentType":"image/png","body":"x"}', 'application/json', 415, 'invalid_image')
  await refused(Buffer.concat([SCRIPT, png(8, 8)]), 'image/png', 415, 'invalid_image')
  await refused(png(50_000, 50_000), 'image/png', 413, 'too_large')
  await refused(Buffer.alloc(1024 * 1024 + 1), 'image/png', 413, 'too_large')
  expect(await announce(10 * 1024 * 1024)).toBe(413)
  await refused(Buffer.alloc(0), 'image/png', 415, 'invalid_image')
  expect((await put(png(8, 8), 'image/png', 'nonsense')).status).toBe(401)
  expect((await put(png(8, 8), 'image/png', (await town.appToken('alice')).token)).code).toBe('out_of_scope')
  expect((await town.must('GET', '/api/me', undefined, 'alice')).body).toMatchObject({ avatar })
})

test('[PEO2] no other request takes a picture for a body', async () => {
  const answer = await fetch(`${town.product.url}/api/me`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${town.token('alice')}`, 'content-type': 'image/png' },
    body: png(8, 8),
  })
  expect(answer.status).toBe(415)
})
