/** Two-factor sign-in as any client of the HTTP door meets it; apps with tokens notice nothing. */
import { Secret, TOTP } from 'otpauth'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Town } from './town.ts'

const PASSWORD = 'nine blue herons at dusk'
const STEP_MS = 30_000

let town: Town
beforeAll(async () => {
  town = await Town.open({ users: ['alice', 'bob'], environment: { LIMIT_REQUESTS_PER_MINUTE: '0' } })
})
afterAll(() => town?.close())
afterEach(() => town.hangUp())

async function enrol(user: string) {
  const { body } = await town.must('POST', '/api/me/second-factor/totp', { password: PASSWORD }, user)
  const totp = new TOTP({ secret: Secret.fromBase32(body.secret as string) })
  const code = (steps: number) => totp.generate({ timestamp: Date.now() + steps * STEP_MS })
  const confirmed = await town.must('POST', '/api/me/second-factor/totp/confirm', { otp: code(0) }, user)
  return { code, recoveryCodes: confirmed.body.recoveryCodes as string[] }
}

const post = (path: string, body: object): Promise<Response> =>
  fetch(town.product.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('[MFA4] login asks for the second step; both ways through it end in tokens and the cookie', async () => {
  const { code, recoveryCodes } = await enrol('alice')
  const alice = { username: 'alice', password: PASSWORD }
  const asked = await post('/api/login', alice)
  expect(asked.status).toBe(401)
  expect(asked.headers.getSetCookie()).toEqual([])
  const { error } = (await asked.json()) as { error: { code: string; details: { methods: string[]; ticket: string } } }
  expect(error).toMatchObject({ code: 'second_factor_required', details: { methods: ['otp'] } })
  const { ticket } = error.details

  const wrong = await post('/api/login', { ...alice, otp: '000000' })
  expect([wrong.status, await wrong.json()]).toMatchObject([401, { error: { code: 'invalid_otp' } }])
  const both = await post('/api/login/second', { ticket, otp: '000000', credential: {} })
  expect(both.status).toBe(400)

  for (const done of [
    await post('/api/login', { ...alice, otp: code(1) }),
    await post('/api/login/second', { ticket, otp: recoveryCodes[0] }),
  ]) {
    expect(done.status).toBe(200)
    expect(done.headers.getSetCookie().join()).toContain('tidings_refresh=tdr_')
    const { accessToken } = (await done.json()) as { accessToken: string }
    expect((await town.request('GET', '/api/me', undefined, accessToken)).body).toMatchObject({ id: 'alice' })
  }
})

test('[MFA4] [AUTH1] a ticket opens no door but its own; app tokens go on as before', async () => {
  const { token } = await town.appToken('bob')
  await enrol('bob')
  const asked = await post('/api/login', { username: 'bob', password: PASSWORD })
  const { error } = (await asked.json()) as { error: { details: { ticket: string } } }
  const { ticket } = error.details
  expect((await town.request('GET', '/api/me', undefined, ticket)).body).toMatchObject({
    error: { code: 'invalid_token' },
  })
  expect((await town.request('POST', '/api/refresh', { refreshToken: ticket })).status).toBe(401)
  expect(await (await town.open()).connect({ clientId: 'one', username: 'bob', password: ticket })).toBe(4)
  expect(await (await town.open()).connect({ clientId: 'two', username: 'bob', password: token })).toBe(0)
})
