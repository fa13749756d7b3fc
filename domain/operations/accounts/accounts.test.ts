import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AuthPlugin, createAuthPlugin } from '../../../auth-plugin/index.ts'
import type { AppToken, SessionInfo, SignedIn } from '../../../protocol/http.ts'
import type { Accounts } from '../../../store/index.ts'
import { openTestStore, type TestStore } from '../../../store/test/open-test-store.ts'
import { createAccess } from '../../access/index.ts'
import type { Bus, BusNotes } from '../../bus/bus.ts'
import { createLocalBus } from '../../bus/local-bus.ts'
import { createLiveConnections } from '../../connections/index.ts'
import { createMailQueue } from '../../mail/index.ts'
import { createProfileNotices } from '../../people/index.ts'
import { systemTimers } from '../../time.ts'
import { createInvites } from '../invites/index.ts'
import { createOperationTable, type OperationTable, type Visitor } from '../table.ts'
import { createAccountLetters, createAccountOperations } from './index.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const PASSWORD = 'a quiet green boat'
let accounts: Accounts
let store: TestStore
let auth: AuthPlugin
let bus: Bus
let table: OperationTable
let ended: BusNotes['ended'][]
let now = 1_763_652_000_000
const clock = { now: () => now }
let count = 0

beforeAll(async () => {
  store = await openTestStore()
  accounts = store.accounts
})
afterAll(() => store?.close())
beforeEach(async () => {
  now += 1_000
  auth = await createAuthPlugin({ accounts, secretKey: new Uint8Array(32), clock, loginsPerMinute: 10, bcryptCost: 4 })
  bus = createLocalBus()
  ended = []
  bus.on('ended', (note) => ended.push(note))
  table = openTable('open')
})

function openTable(registration: 'open' | 'invite' | 'closed'): OperationTable {
  const access = createAccess({ store, bus })
  const invites = { store, access, codes: auth.inviteCodes, bus, registration, now: clock.now }
  const { admitStranger } = createInvites({
    ...invites,
    origin: () => 'http://localhost',
    requireReach: async () => {},
  })
  const mail = createMailQueue({ transport: undefined, timers: systemTimers, log: silent })
  const letters = createAccountLetters({ accounts, clock, mail, origin: () => 'http://localhost' })
  const profiles = createProfileNotices({ bus, timers: systemTimers })
  const { audit, administration } = store
  return createOperationTable(
    createAccountOperations({
      ...{ accounts, auth, bus, clock, profiles, audit, letters, connections: createLiveConnections(), admitStranger },
      roles: administration.roles,
    }),
  )
}

async function run<Result>(name: string, input: unknown = {}, visitor: Visitor = {}): Promise<Result> {
  const operation = table.get(name)
  if (operation === undefined) throw new Error(`no operation ${name}`)
  return (await table.run(operation, input, visitor)) as Result
}

const refusal = (code: string) => expect.objectContaining({ code })
const as = async (token: string): Promise<Visitor> => ({ session: await auth.verify(token) })

async function register(more: object = {}, visitor: Visitor = {}): Promise<SignedIn & { name: string }> {
  const name = `user-${count++}`
  return { name, ...(await run<SignedIn>('register', { username: name, password: PASSWORD, ...more }, visitor)) }
}

const login = (username: string, password = PASSWORD, visitor: Visitor = {}) =>
  run<SignedIn>('login', { username, password }, visitor)

describe('registration', () => {
  test('[ACC1] makes an account and signs in', async () => {
    const one = await register({ displayName: 'One', email: 'one@example.org', device: 'Firefox on Linux' })
    expect(one).toMatchObject({ user: { id: one.name, displayName: 'One' }, expiresIn: 900 })
    const me = await as(one.accessToken)
    const email = { email: 'one@example.org', emailVerified: false }
    expect(await run('me', {}, me)).toEqual({
      id: one.name,
      displayName: 'One',
      createdAt: now,
      serverRole: 'owner',
      ...email,
    })
    expect(await run('sessions', {}, me)).toMatchObject({ sessions: [{ device: 'Firefox on Linux', current: true }] })
    expect((await register()).user.displayName).toMatch(/^user-/)
  })

  test('[ACC1] gives a name once, also when two ask at a time', async () => {
    const input = { username: 'wanted', password: PASSWORD }
    const results = await Promise.allSettled([run('register', input), run('register', input)])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(run('register', input)).rejects.toEqual(refusal('username_taken'))
  })

  test.each([
    'UPPER',
    'a',
    '-dash',
    'with space',
    'a/b',
    'a+b',
    'a#',
    '__proto__',
    'x'.repeat(33),
    '',
    'ä',
    5,
    null,
    {},
  ])('[ACC1] refuses the name %j', async (username) => {
    await expect(run('register', { username, password: PASSWORD })).rejects.toEqual(refusal('invalid_request'))
  })

  test('[PWD2] refuses weak passwords', async () => {
    for (const password of ['short', 'password1234', 'x\0yyyyyyyyyyyy', 'long '.repeat(20), 'weakling-1']) {
      await expect(run('register', { username: 'weakling', password })).rejects.toEqual(refusal('weak_password'))
    }
    await expect(run('register', { username: 'weakling', password: { $ne: '' } })).rejects.toEqual(
      refusal('invalid_request'),
    )
  })

  test.each(['invite', 'closed'] as const)('[ACC1] is closed when the operator says %s', async (registration) => {
    table = openTable(registration)
    await expect(register()).rejects.toEqual(refusal('registration_closed'))
  })
})

describe('login', () => {
  test('[ACC4] takes the password and nothing else', async () => {
    const { name } = await register()
    expect(await login(name)).toMatchObject({ user: { id: name }, expiresIn: 900 })
    for (const wrong of ['', 'a quiet green boa', `${PASSWORD} `, PASSWORD.toUpperCase(), `${PASSWORD}\0`]) {
      await expect(login(name, wrong)).rejects.toEqual(refusal('invalid_credentials'))
    }
    for (const strange of ['nobody-here', '', '__proto__', "' or 1=1 --", 'a\0b', 'x'.repeat(10_000)]) {
      await expect(login(strange)).rejects.toEqual(refusal('invalid_credentials'))
    }
  })

  test('[LIM2] is refused for a while after ten failures, with the right password too, but not to the owner at home', async () => {
    const { name } = await register({}, { address: '192.0.2.1' })
    for (let i = 0; i < 10; i++) {
      await expect(login(name, 'wrong password', { address: `203.0.113.${i}` })).rejects.toEqual(
        refusal('invalid_credentials'),
      )
    }
    const late = login(name, PASSWORD, { address: '203.0.113.99' })
    await expect(late).rejects.toMatchObject({ code: 'rate_limited', status: 429 })
    expect((await late.catch((error: unknown) => error)) as object).toHaveProperty('retryAfterMs', expect.any(Number))
    expect(await login(name, PASSWORD, { address: '192.0.2.1' })).toMatchObject({ expiresIn: 900 })
  })

  test('[LIM2] a burst of guesses gets ten answers', async () => {
    const { name } = await register()
    const guesses = Array.from({ length: 40 }, (_, i) => login(name, `guess number ${i}`, { address: '192.0.2.9' }))
    const codes = (await Promise.allSettled(guesses)).map((result) =>
      result.status === 'rejected' ? result.reason.code : 'in',
    )
    expect(codes.filter((code) => code === 'invalid_credentials')).toHaveLength(10)
    expect(codes.filter((code) => code === 'rate_limited')).toHaveLength(30)
  })

  test('[LIM2] a restart forgets the failures, not the places of the owner', async () => {
    const { name } = await register({}, { address: '192.0.2.1', browser: 'mark of his browser' })
    auth = await createAuthPlugin({
      accounts,
      secretKey: new Uint8Array(32),
      clock,
      loginsPerMinute: 10,
      bcryptCost: 4,
    })
    table = openTable('open')
    for (let i = 0; i < 10; i++)
      await login(name, 'wrong password', { address: `203.0.113.${i}` }).catch(() => undefined)
    await expect(login(name, PASSWORD, { address: '198.51.100.1' })).rejects.toEqual(refusal('rate_limited'))
    await login(name, PASSWORD, { address: '192.0.2.1' })
    await login(name, PASSWORD, { address: '198.51.100.1', browser: 'mark of his browser' })
  })
})

describe('sessions', () => {
  test('[TOK3] a refresh gives a new pair; an old token ends the session on every connection', async () => {
    const first = await register()
    const second = await run<SignedIn>('refresh', { refreshToken: first.refreshToken })
    expect(second).toMatchObject({ user: first.user, expiresIn: 900 })
    const { session } = await as(second.accessToken)
    await expect(run('refresh', { refreshToken: first.refreshToken })).rejects.toEqual(refusal('session_ended'))
    expect(ended).toEqual([{ user: first.name, credentials: [session?.credential.id] }])
    await expect(run('refresh', { refreshToken: second.refreshToken })).rejects.toEqual(refusal('session_ended'))
    await expect(auth.verify(second.accessToken)).rejects.toEqual(refusal('session_ended'))
    await expect(run('refresh', { refreshToken: 'made up' })).rejects.toEqual(refusal('invalid_token'))
    await expect(run('refresh')).rejects.toEqual(refusal('unauthorized'))
    expect(ended).toHaveLength(1)
  })

  test('[P6] logout ends the session, by either token', async () => {
    const one = await register()
    const two = await login(one.name)
    const three = await login(one.name)
    const last = await as(three.accessToken)
    await run('logout', { refreshToken: one.refreshToken })
    await run('logout', {}, await as(two.accessToken))
    for (const { accessToken, refreshToken } of [one, two]) {
      await expect(auth.verify(accessToken)).rejects.toEqual(refusal('session_ended'))
      await expect(run('refresh', { refreshToken })).rejects.toEqual(refusal('session_ended'))
    }
    await auth.verify(three.accessToken)
    expect(ended).toHaveLength(2)
    await run('logout', { refreshToken: one.refreshToken }) // a second time changes nothing
    await run('logout', { refreshToken: 'made up' }, last)
    await expect(auth.verify(three.accessToken)).rejects.toEqual(refusal('session_ended'))
    await expect(run('logout')).rejects.toEqual(refusal('unauthorized'))
    await expect(run('logout', { refreshToken: 'made up' })).rejects.toEqual(refusal('invalid_token'))
  })

  test('[P6] one session ends, or all of them; those of others never', async () => {
    const [one, other] = [await register(), await register()]
    const second = await login(one.name)
    const me = await as(one.accessToken)
    const { sessions } = await run<{ sessions: SessionInfo[] }>('sessions', {}, me)
    expect(sessions.map(({ current }) => current).sort()).toEqual([false, true])
    const session = sessions.find(({ current }) => !current)?.id
    await expect(run('end-session', { session }, await as(other.accessToken))).rejects.toEqual(refusal('not_found'))
    await auth.verify(second.accessToken)
    await run('end-session', { session }, me)
    await expect(auth.verify(second.accessToken)).rejects.toEqual(refusal('session_ended'))
    await expect(run('end-session', { session }, me)).rejects.toEqual(refusal('not_found'))
    await run('end-sessions', {}, me)
    await expect(auth.verify(one.accessToken)).rejects.toEqual(refusal('session_ended'))
    await auth.verify(other.accessToken)
  })

  test('[P6] a new password ends every other session; the old one opens nothing', async () => {
    const one = await register()
    const other = await login(one.name)
    const me = await as(one.accessToken)
    const change = (password: string, newPassword: string) => run('change-password', { password, newPassword }, me)
    await expect(change('wrong password', 'another green boat')).rejects.toEqual(refusal('invalid_credentials'))
    await expect(change(PASSWORD, 'password1234')).rejects.toEqual(refusal('weak_password'))
    await auth.verify(other.accessToken)
    await change(PASSWORD, 'another green boat')
    await auth.verify(one.accessToken)
    await expect(auth.verify(other.accessToken)).rejects.toEqual(refusal('session_ended'))
    await expect(login(one.name)).rejects.toEqual(refusal('invalid_credentials'))
    await login(one.name, 'another green boat')
  })

  test('[ACC5] a user may be called otherwise, and nothing else of him changes', async () => {
    const { name, accessToken } = await register()
    const me = await as(accessToken)
    const changed = await run('update-me', { displayName: 'Zoe\u0301', id: 'root', createdAt: 0 }, me)
    expect(changed).toMatchObject({ id: name, displayName: 'Zoé' })
    expect(await run('update-me', {}, me)).toEqual(changed)
    await expect(run('update-me', { displayName: 'two\nlines' }, me)).rejects.toEqual(refusal('invalid_request'))
  })
})

describe('app tokens', () => {
  type Made = AppToken & { token: string }

  test('[TOK4] are shown once, listed without the token, and good until deleted', async () => {
    const { accessToken, name } = await register()
    const me = await as(accessToken)
    const expiresAt = now + 3_600_000
    const made = await run<Made>('create-token', { name: 'cron', rooms: ['ops', 'ops'], access: 'read', expiresAt }, me)
    expect(made).toEqual({
      ...{ id: made.id, name: 'cron', token: made.token, rooms: ['ops'] },
      ...{ access: 'read', expiresAt, createdAt: now },
    })
    const { tokens } = await run<{ tokens: AppToken[] }>('tokens', {}, me)
    const { token, ...rest } = made
    expect(tokens).toEqual([{ ...rest, lastUsedAt: null, connected: [] }])
    expect(await auth.verify(token)).toMatchObject({ user: name, expiresAt })
    await run('delete-token', { token: made.id }, me)
    expect(ended).toEqual([{ user: name, credentials: [made.id] }])
    await expect(auth.verify(token)).rejects.toEqual(refusal('invalid_token'))
    await expect(run('delete-token', { token: made.id }, me)).rejects.toEqual(refusal('not_found'))
  })

  test('[TOK4] belong to their user; all rooms, to write, without end unless said otherwise', async () => {
    const [one, other] = [await register(), await register()]
    const made = await run<Made>('create-token', { name: 'bot' }, await as(one.accessToken))
    expect(made).toMatchObject({ rooms: null, access: 'write', expiresAt: null })
    await expect(run('delete-token', { token: made.id }, await as(other.accessToken))).rejects.toEqual(
      refusal('not_found'),
    )
    await run('end-sessions', {}, await as(one.accessToken))
    expect(await auth.verify(made.token)).toMatchObject({ user: one.name })
  })

  test('[TOK4] are refused for a time that is over', async () => {
    const me = await as((await register()).accessToken)
    for (const expiresAt of [now, Math.floor(now / 1000) + 3600]) {
      await expect(run('create-token', { name: 'late', expiresAt }, me)).rejects.toMatchObject({
        code: 'invalid_request',
        details: [{ path: 'expiresAt' }],
      })
    }
    await expect(run('create-token', { name: 'none', rooms: [] }, me)).rejects.toEqual(refusal('invalid_request'))
  })

  test('[ACL8] say who they are, and have no power over the account', async () => {
    const { accessToken, name } = await register()
    const { token } = await run<Made>('create-token', { name: 'bot' }, await as(accessToken))
    const bot = await as(token)
    expect(await run('me', {}, bot)).toMatchObject({ id: name })
    const account = [
      'update-me',
      'change-password',
      'sessions',
      'end-sessions',
      'end-session',
      'tokens',
      'create-token',
    ]
    for (const operation of [...account, 'delete-token']) {
      await expect(run(operation, {}, bot), operation).rejects.toEqual(refusal('out_of_scope'))
      await expect(run(operation), operation).rejects.toEqual(refusal('unauthorized'))
    }
    await expect(run('logout', {}, bot)).rejects.toEqual(refusal('unauthorized'))
  })

  test('[TOK4] are a hundred at most', async () => {
    const me = await as((await register()).accessToken)
    for (let i = 0; i < 100; i++) await run('create-token', { name: `bot ${i}` }, me)
    await expect(run('create-token', { name: 'one more' }, me)).rejects.toEqual(refusal('conflict'))
  })
})
