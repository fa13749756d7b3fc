/** Sign-in with an OpenID Connect provider: a real one, over HTTP as a browser speaks it. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { linkIn, type Mailbox, openMailbox } from '../mailbox.ts'
import { startProvider, type TestProvider } from '../oidc-provider.ts'
import { findFreePort } from '../start-product.ts'
import { Town } from './town.ts'

let town: Town
let provider: TestProvider
let mailbox: Mailbox
const url = () => town.product.url

beforeAll(async () => {
  const port = await findFreePort()
  provider = await startProvider(`http://127.0.0.1:${port}`)
  mailbox = await openMailbox()
  provider.away = true
  town = await Town.open({
    users: ['alice'],
    environment: {
      ...provider.environment,
      HTTP_PORT: String(port),
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'chat@example.org',
      LIMIT_REQUESTS_PER_MINUTE: '0',
    },
  })
})
beforeEach(() => {
  provider.away = false
})
afterAll(async () => {
  await town?.close()
  await provider?.close()
  await mailbox?.close()
})

/** The cookies of one browser. */
class Jar {
  readonly cookies = new Map<string, string>()

  async visit(address: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await fetch(address, { redirect: 'manual', ...init, headers: { ...init.headers, cookie } })
    for (const set of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return reply
  }
}

const locationOf = (reply: Response): string => reply.headers.get('location') ?? `${reply.status}`
/** The page that a visit of the callback ends at, without our own address. */
const pageOf = (reply: Response): string => locationOf(reply).replace(url(), '')

async function begin(jar: Jar, to = '/'): Promise<string> {
  return locationOf(await jar.visit(`${url()}/api/oidc/start?to=${encodeURIComponent(to)}&device=Test`))
}

/** The whole way of a newcomer or an acquaintance, up to the page of ours. */
async function comeIn(subject: string, to = '/', jar = new Jar()): Promise<{ jar: Jar; page: string }> {
  const back = await provider.signIn(await begin(jar, to), subject)
  return { jar, page: pageOf(await jar.visit(back)) }
}

async function refresh(jar: Jar): Promise<{ user: { id: string; displayName: string }; accessToken: string }> {
  const reply = await jar.visit(`${url()}/api/refresh`, { method: 'POST' })
  return (await reply.json()) as Awaited<ReturnType<typeof refresh>>
}

const json = (body: object, token?: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
  body: JSON.stringify(body),
})

test('[OIDC1] a provider that is away keeps nothing from starting, and is asked again', async () => {
  provider.away = true
  const { body } = await town.must('GET', '/api/server')
  expect(body.oidc).toEqual({ name: 'Harbour ID' })
  expect(await town.request('GET', '/api/oidc/start')).toMatchObject({
    status: 503,
    body: { error: { code: 'unavailable' } },
  })
  const page = await fetch(`${url()}/api/oidc/start`, { redirect: 'manual', headers: { accept: 'text/html' } })
  expect(pageOf(page)).toBe('/signin?oidc=unavailable')
  provider.away = false
  expect(await begin(new Jar())).toContain(provider.issuer)
})

test('[OIDC1] the way there has PKCE, state and nonce, and says nothing of where it goes on', async () => {
  const reply = await fetch(`${url()}/api/oidc/start?to=/r/design`, { redirect: 'manual' })
  const there = new URL(locationOf(reply))
  expect(Object.fromEntries(there.searchParams)).toMatchObject({
    response_type: 'code',
    client_id: 'tidings',
    redirect_uri: `${url()}/api/oidc/callback`,
    code_challenge_method: 'S256',
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
  })
  const cookie = reply.headers.getSetCookie().find((one) => one.startsWith('tidings_oidc='))
  expect(cookie).toMatch(/; Path=\/api\/oidc; HttpOnly; SameSite=Lax$/)
  expect(cookie).not.toContain(there.searchParams.get('state'))
})

test('[OIDC2] [OIDC3] a newcomer gets an account with a name of his own, and finds it again', async () => {
  provider.people.set('s-1', { preferred_username: 'Zoë.Hart', name: 'Zoë Hart', email: 'zoe@id.example' })
  const first = await comeIn('s-1', '/r/design')
  expect(first.page).toBe('/r/design?oidc=signed-in')
  const one = await refresh(first.jar)
  expect(one.user).toEqual({ id: 'zoe.hart', displayName: 'Zoë Hart' })
  const again = await refresh((await comeIn('s-1')).jar)
  expect(again.user.id).toBe('zoe.hart')
  const { body } = await town.must('GET', '/api/me/sessions', undefined, again.accessToken)
  expect(body.sessions).toHaveLength(2)
  expect(body.sessions).toContainEqual(expect.objectContaining({ device: 'Test', current: true }))
  // The address was not verified: it is nobody's.
  expect(await town.must('GET', '/api/me', undefined, again.accessToken)).not.toHaveProperty('body.email')

  provider.people.set('s-2', { preferred_username: 'zoe.hart' })
  expect((await refresh((await comeIn('s-2')).jar)).user.id).toBe('zoe.hart-2')
  provider.people.set('s-3', { email: 'x@id.example', email_verified: true, name: '\u202e' })
  expect((await refresh((await comeIn('s-3')).jar)).user.id).toMatch(/^user/)
})

test('[OIDC3] two first visits at a time make one account', async () => {
  provider.people.set('s-twice', { preferred_username: 'twice' })
  const visits = await Promise.all([comeIn('s-twice'), comeIn('s-twice')])
  const users = await Promise.all(visits.map(({ jar }) => refresh(jar)))
  expect(users.map(({ user }) => user.id)).toEqual(['twice', 'twice'])
})

test('[OIDC3] without a password no password is right, and a first one can be set while the sign-in is fresh', async () => {
  provider.people.set('s-bare', { preferred_username: 'bare' })
  const { accessToken } = await refresh((await comeIn('s-bare')).jar)
  for (const password of ['', 'null', 'undefined', 'a password of nobody']) {
    const answer = await town.request('POST', '/api/login', { username: 'bare', password })
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'invalid_credentials' } } })
  }
  const { body } = await town.must('GET', '/api/me/identities', undefined, accessToken)
  expect(body).toMatchObject({ password: false, identities: [{ name: 'bare' }] })
  const [{ id }] = body.identities as [{ id: string }]
  const lastWayIn = await town.request('DELETE', `/api/me/identities/${id}`, undefined, accessToken)
  expect(lastWayIn).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } })
  const newPassword = 'seven otters on a raft'
  await town.must('PUT', '/api/me/password', { newPassword }, accessToken)
  expect((await town.request('PUT', '/api/me/password', { newPassword }, accessToken)).status).toBe(409)
  await town.must('POST', '/api/login', { username: 'bare', password: newPassword })
  await town.must('DELETE', `/api/me/identities/${id}`, undefined, accessToken)
})

test('[OIDC4] only the browser that began comes back, and only once', async () => {
  provider.people.set('s-bound', { preferred_username: 'bound' })
  const [mine, other] = [new Jar(), new Jar()]
  const back = await provider.signIn(await begin(mine), 's-bound')
  expect(pageOf(await new Jar().visit(back))).toBe('/signin?oidc=invalid_request')
  await begin(other)
  expect(pageOf(await other.visit(back))).toBe('/signin?oidc=invalid_request')
  const forged = new URL(back)
  forged.searchParams.set('state', 'another')
  expect(pageOf(await new Jar().visit(forged.href))).toBe('/signin?oidc=invalid_request')
  const kept = new Map(mine.cookies)
  expect(pageOf(await mine.visit(back))).toBe('/?oidc=signed-in')
  for (const [name, value] of kept) mine.cookies.set(name, value)
  expect(pageOf(await mine.visit(back))).toBe('/signin?oidc=invalid_request')
})

test('[OIDC4] a code of somebody else, or of another provider, is of no use', async () => {
  provider.people.set('s-victim', { preferred_username: 'victim' })
  provider.people.set('s-thief', { preferred_username: 'thief' })
  const [victim, thief] = [new Jar(), new Jar()]
  const backs = [
    await provider.signIn(await begin(victim), 's-victim'),
    await provider.signIn(await begin(thief), 's-thief'),
  ]
  const [ofVictim, ofThief] = backs.map((back) => new URL(back)) as [URL, URL]
  const attempt = async (jar: Jar, address: URL, changes: Record<string, string>): Promise<string> => {
    const changed = new URL(address)
    for (const [name, value] of Object.entries(changes)) changed.searchParams.set(name, value)
    const copy = new Jar()
    for (const [name, value] of jar.cookies) copy.cookies.set(name, value)
    return pageOf(await copy.visit(changed.href))
  }
  const codeOf = (address: URL) => address.searchParams.get('code') ?? ''
  expect(await attempt(thief, ofThief, { iss: 'https://evil.example' })).toBe('/signin?oidc=invalid_request')
  expect(await attempt(thief, ofThief, { state: ofVictim.searchParams.get('state') ?? '' })).toBe(
    '/signin?oidc=invalid_request',
  )
  // His own browser and state, the code of the other: PKCE refuses it.
  expect(await attempt(thief, ofThief, { code: codeOf(ofVictim) })).toBe('/signin?oidc=invalid_request')
  expect(await attempt(thief, ofThief, { error: 'access_denied' })).toBe('/signin?oidc=invalid_request')
  expect(await attempt(thief, ofThief, {})).toBe('/?oidc=signed-in')
})

test('[OIDC2] who is suspended here does not come in from there', async () => {
  provider.people.set('s-out', { preferred_username: 'out' })
  const { jar } = await comeIn('s-out')
  await town.must('PUT', '/api/admin/users/out/suspension', { reason: 'spam' }, 'alice')
  const { jar: again, page } = await comeIn('s-out')
  expect(page).toBe('/signin?oidc=suspended')
  expect(again.cookies.has('tidings_refresh')).toBe(false)
  expect((await jar.visit(`${url()}/api/refresh`, { method: 'POST' })).status).toBe(403)
})

test('[OIDC4] who says no at the provider is not signed in', async () => {
  const { jar, page } = await comeIn('')
  expect(page).toBe('/signin?oidc=invalid_request')
  expect(jar.cookies.has('tidings_refresh')).toBe(false)
})

test.each(['//evil.example', 'https://evil.example/', '/\\evil.example', '/api/logout', 'javascript:alert(1)'])(
  '[OIDC4] nobody is led elsewhere: %s',
  async (to) => {
    provider.people.set('s-led', { preferred_username: 'led' })
    expect((await comeIn('s-led', to)).page).toBe('/?oidc=signed-in')
  },
)

test('[OIDC5] an account with the same verified address is linked by its owner alone', async () => {
  const address = 'carol@example.org'
  const password = 'nine blue herons at dusk'
  const { body } = await town.must('POST', '/api/register', { username: 'carol', password, email: address })
  const carol = body.accessToken as string
  provider.people.set('s-carol', { preferred_username: 'carol', email: 'Carol@Example.org', email_verified: true })

  // Not verified here: the account has nothing to do with it.
  provider.people.set('s-stranger', { preferred_username: 'stranger', email: address, email_verified: false })
  expect((await comeIn('s-stranger')).page).toBe('/?oidc=signed-in')

  const { token } = linkIn(await mailbox.next(address))
  await town.must('POST', '/api/email/verify', { token })
  const { jar, page } = await comeIn('s-carol')
  expect(page).toBe('/signin?oidc=confirm')
  expect(jar.cookies.has('tidings_refresh')).toBe(false)
  const confirm = (who: Jar, accessToken?: string) => who.visit(`${url()}/api/oidc/confirm`, json({}, accessToken))
  expect((await confirm(jar)).status).toBe(401)
  expect((await confirm(jar, town.token('alice'))).status).toBe(403)
  expect((await confirm(new Jar(), carol)).status).toBe(400)
  expect((await confirm(jar, (await town.appToken(carol)).token)).status).toBe(403)
  expect(await town.must('GET', '/api/me/identities', undefined, carol)).toHaveProperty('body.identities', [])

  expect((await confirm(jar, carol)).status).toBe(204)
  expect((await refresh((await comeIn('s-carol')).jar)).user.id).toBe('carol')
})

test('[OIDC5] an identity is linked from within a session, and belongs to one account', async () => {
  provider.people.set('s-alice', { preferred_username: 'someone-else', email: 'a@id.example' })
  const link = async (user: string, subject: string): Promise<string> => {
    const jar = new Jar()
    const reply = await jar.visit(`${url()}/api/oidc/link`, json({}, town.token(user)))
    const { url: there } = (await reply.json()) as { url: string }
    return pageOf(await jar.visit(await provider.signIn(there, subject)))
  }
  expect((await new Jar().visit(`${url()}/api/oidc/link`, json({}))).status).toBe(401)
  expect(await link('alice', 's-alice')).toBe('/settings/security?oidc=linked')
  expect((await refresh((await comeIn('s-alice')).jar)).user.id).toBe('alice')
  await town.register('bob')
  expect(await link('bob', 's-alice')).toBe('/settings/security?oidc=conflict')
  const { body } = await town.must('GET', '/api/me/identities', undefined, 'alice')
  const [{ id }] = body.identities as [{ id: string }]
  expect((await town.request('DELETE', `/api/me/identities/${id}`, undefined, 'bob')).status).toBe(404)
  await town.must('DELETE', `/api/me/identities/${id}`, undefined, 'alice')
})

test('[OIDC5] a link that was begun in a session that ended meanwhile does not come about', async () => {
  provider.people.set('s-late', { preferred_username: 'late' })
  const { accessToken, refreshToken } = await town.signIn('alice')
  const jar = new Jar()
  const reply = await jar.visit(`${url()}/api/oidc/link`, json({}, accessToken))
  const { url: there } = (await reply.json()) as { url: string }
  const back = await provider.signIn(there, 's-late')
  await town.must('POST', '/api/logout', { refreshToken })
  expect(pageOf(await jar.visit(back))).toBe('/settings/security?oidc=session_ended')
})

test('[OIDC3] where nobody registers by himself, a provider makes no account, and those who have one come in', async () => {
  provider.people.set('s-old', { preferred_username: 'old' })
  expect((await comeIn('s-old')).page).toBe('/?oidc=signed-in')
  await town.product.kill()
  for (const registration of ['closed', 'invite']) {
    const product = await town.product.restart({ REGISTRATION: registration })
    try {
      provider.people.set(`s-${registration}`, { preferred_username: registration })
      expect((await comeIn(`s-${registration}`)).page).toBe('/signin?oidc=registration_closed')
      expect((await comeIn('s-old')).page).toBe('/?oidc=signed-in')
    } finally {
      await product.kill()
    }
  }
})
