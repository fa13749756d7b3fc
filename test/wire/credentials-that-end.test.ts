/** Whatever ends a credential closes what it has opened, over both transports and in time; and nothing else. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { makeToken } from './forged-tokens.ts'
import type { RawClient } from './raw-client.ts'
import { openTownWithKeys, type TownWithKeys } from './town-with-keys.ts'

const PASSWORD = 'nine blue herons at dusk'

let home: TownWithKeys
let people = 0

beforeAll(async () => {
  home = await openTownWithKeys([], { LIMIT_LOGIN_PER_MINUTE: '0', LIMIT_REGISTRATIONS_PER_HOUR: '0' })
})
afterAll(() => home?.close())
afterEach(() => home.town.hangUp())

async function newcomer(): Promise<string> {
  const name = `person-${people++}`
  await home.town.register(name)
  return name
}

const TRANSPORTS = ['tcp', 'websocket'] as const

/** Two connections with one credential, one for each transport. */
const connectBoth = (user: string, password: string, name: string): Promise<RawClient[]> =>
  Promise.all(
    TRANSPORTS.map((transport) =>
      home.town.connect(user, { transport, password, clientId: `${name}-${transport}`, clean: false }),
    ),
  )

/** Milliseconds from now until the server has closed all of them. */
async function closing(clients: RawClient[]): Promise<number> {
  const began = performance.now()
  await Promise.all(clients.map((client) => client.closed))
  return performance.now() - began
}

/** The credential is refused at every door from now on. */
async function isOver(user: string, token: string): Promise<void> {
  for (const transport of TRANSPORTS) {
    const client = await home.town.open(transport)
    expect(await client.connect({ username: user, password: token, clientId: 'again' })).toBe(4)
  }
  expect((await home.town.request('GET', '/api/me', undefined, token)).status).toBe(401)
}

type Case = {
  name: string
  within: number
  ends: 'session' | 'token'
  end(user: string, theirs: Theirs): Promise<unknown>
}
type Theirs = { accessToken: string; refreshToken: string; sessionId: string; tokenId: string }

const must = (method: string, path: string, body?: unknown, user?: string) => home.town.must(method, path, body, user)

const cases: Case[] = [
  {
    name: 'logging out',
    within: 5_000,
    ends: 'session',
    end: (_user, { refreshToken }) => must('POST', '/api/logout', { refreshToken }),
  },
  {
    name: 'ending the session from another one',
    within: 5_000,
    ends: 'session',
    end: (user, { sessionId }) => must('DELETE', `/api/me/sessions/${sessionId}`, undefined, user),
  },
  {
    name: 'ending all other sessions',
    within: 5_000,
    ends: 'session',
    end: (user) => must('DELETE', '/api/me/other-sessions', undefined, user),
  },
  {
    name: 'changing the password',
    within: 5_000,
    ends: 'session',
    end: (user) =>
      must('POST', '/api/me/password', { password: PASSWORD, newPassword: 'eleven grey storks at noon' }, user),
  },
  {
    name: 'using a refresh token twice',
    within: 5_000,
    ends: 'session',
    async end(_user, { refreshToken }) {
      await must('POST', '/api/refresh', { refreshToken })
      expect((await home.town.request('POST', '/api/refresh', { refreshToken })).status).toBe(401)
    },
  },
  {
    name: 'revoking the app token',
    within: 5_000,
    ends: 'token',
    end: (user, { tokenId }) => must('DELETE', `/api/me/tokens/${tokenId}`, undefined, user),
  },
]

test.each(cases)(
  '[P6] $name closes its connections within $within ms, and no others',
  async ({ ends, end, within }) => {
    const { town } = home
    const user = await newcomer()
    const session = await home.original(user)
    const app = await town.appToken(user)
    const [ofSession, ofToken] = [
      await connectBoth(user, session.accessToken, 'session'),
      await connectBoth(user, app.token, 'token'),
    ]
    const ofFirst = await connectBoth(user, town.token(user), 'first')
    const [ending, token] = ends === 'session' ? [ofSession, session.accessToken] : [ofToken, app.token]
    const staying = [...ofFirst, ...(ends === 'session' ? ofToken : ofSession)]
    const [took] = await Promise.all([closing(ending), end(user, { ...session, tokenId: app.id })])
    expect(took).toBeLessThan(within)
    await isOver(user, token)
    for (const client of staying) await client.ping()
  },
)

test('[P6] ending all sessions closes this one too, and leaves app tokens', async () => {
  const { town } = home
  const user = await newcomer()
  const app = await connectBoth(user, (await town.appToken(user)).token, 'app')
  const mine = await connectBoth(user, town.token(user), 'mine')
  const [took] = await Promise.all([closing(mine), must('DELETE', '/api/me/sessions', undefined, user)])
  expect(took).toBeLessThan(5_000)
  await isOver(user, town.token(user))
  for (const client of app) await client.ping()
})

test('[P6] [AUTH2] an access token that expires closes within 60 s; `renew` in time keeps a connection', async () => {
  const user = await newcomer()
  const session = await home.original(user)
  const exp = Math.floor(Date.now() / 1000) + 3
  const short = makeToken(session, {}, { exp })
  const ending = await connectBoth(user, short, 'ending')
  const staying = await connectBoth(user, short, 'staying')
  for (const client of staying) {
    expect(await client.ask(user, 'renew', { token: session.accessToken })).toMatchObject({
      ok: true,
      result: { expiresAt: expect.any(Number) },
    })
  }
  await closing(ending)
  const late = Date.now() - exp * 1000
  expect(late).toBeGreaterThanOrEqual(0)
  expect(late).toBeLessThan(60_000)
  for (const client of staying) await client.ping()
  await must('POST', '/api/logout', { refreshToken: session.refreshToken })
  expect(await closing(staying)).toBeLessThan(5_000)
})

test('[P6] an app token that expires closes within 60 s', async () => {
  const user = await newcomer()
  const expiresAt = Date.now() + 2_000
  const app = await home.town.appToken(user, { expiresAt })
  await closing(await connectBoth(user, app.token, 'app'))
  expect(Date.now() - expiresAt).toBeGreaterThanOrEqual(0)
  expect(Date.now() - expiresAt).toBeLessThan(60_000)
  await isOver(user, app.token)
})

test('[SES1] the lists say over what each session and token is connected', async () => {
  const { town } = home
  const user = await newcomer()
  const { accessToken } = await town.signIn(user)
  const app = await town.appToken(user)
  const [tcp] = await connectBoth(user, accessToken, 'both')
  await town.connect(user, { clientId: 'second', password: accessToken })
  const bot = await town.connect(user, { clientId: 'bot', password: app.token })
  const connected = async (list: 'sessions' | 'tokens') => {
    const { body } = await town.must('GET', `/api/me/${list}`, undefined, accessToken)
    return (body[list] as { id: string; current?: boolean; connected: string[] }[]).map((one) => one.connected)
  }
  expect((await connected('sessions')).sort()).toEqual([[], ['tcp', 'websocket']])
  expect(await connected('tokens')).toEqual([['tcp']])
  // From now on it belongs to the app token.
  expect(await tcp?.ask(user, 'renew', { token: app.token })).toMatchObject({ ok: true })
  await bot.disconnect()
  await expect.poll(() => connected('tokens')).toEqual([['tcp']])
  tcp?.destroy()
  await expect.poll(() => connected('tokens')).toEqual([[]])
})

test('[SES2] the second use of a refresh token is in the audit log, once', async () => {
  const { town, store } = home
  const user = await newcomer()
  const { refreshToken } = await town.signIn(user)
  await must('POST', '/api/refresh', { refreshToken })
  for (let i = 0; i < 3; i++) await town.request('POST', '/api/refresh', { refreshToken })
  const entries = await store.audit.list({ limit: 100 })
  const about = entries.filter((entry) => entry.subject === user && entry.action === 'refresh-token-reused')
  expect(about).toHaveLength(1)
})
