import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SignedIn } from '../../../protocol/http.ts'
import { codeOf, type House, openHouse, user } from '../../test/open-house.ts'
import type { Visitor } from '../table.ts'

const PASSWORD = 'a quiet green boat'
let house: House

beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house?.close())

async function run<Result>(name: string, input: object, visitor: Visitor = {}): Promise<Result> {
  const operation = house.domain.operations.get(name)
  if (operation === undefined) throw new Error(`no operation ${name}`)
  return (await house.domain.operations.run(operation, input, visitor)) as Result
}
const register = (username: string) => run<SignedIn>('register', { username, password: PASSWORD })
const login = (username: string, password = PASSWORD) => run<SignedIn>('login', { username, password })
const as = async ({ accessToken }: SignedIn): Promise<Visitor> => ({ session: await house.auth.verify(accessToken) })
const acts = async (who: string) =>
  (await house.store.audit.list({ limit: 100, about: user(who) }))
    .reverse()
    .map(({ action, actor, details }) => [action, actor, details])

test('[AUD1] how somebody comes, goes, and what he changes of it is written down, without any secret', async () => {
  const first = await register('alice')
  const second = await login('alice')
  await run('logout', { refreshToken: first.refreshToken })
  await run('logout', { refreshToken: first.refreshToken }) // a second time nothing happens
  const me = await as(second)
  const { id, token } = await run<{ id: string; token: string }>('create-token', { name: 'my bot' }, me)
  await run('delete-token', { token: id }, me)
  await run('change-password', { password: PASSWORD, newPassword: 'another green boat' }, me)
  const third = await login('alice', 'another green boat')
  await run('refresh', { refreshToken: third.refreshToken })
  expect(await codeOf(run('refresh', { refreshToken: third.refreshToken }))).toBe('session_ended')
  await run('end-sessions', {}, me)
  expect(await acts('alice')).toEqual([
    ['registered', 'alice', undefined],
    ['signed-in', 'alice', { with: 'password' }],
    ['signed-out', 'alice', { sessions: 1 }],
    ['app-token-made', 'alice', { token: id, access: 'write' }],
    ['app-token-revoked', 'alice', { token: id }],
    ['password-changed', 'alice', undefined],
    ['signed-in', 'alice', { with: 'password' }],
    ['refresh-token-reused', undefined, undefined],
    ['signed-out', 'alice', { sessions: 1 }],
  ])
  const all = JSON.stringify(await house.store.audit.list({ limit: 100 }))
  for (const secret of [token, 'my bot', PASSWORD, first.refreshToken]) expect(all).not.toContain(secret)
})

test('[AUD3] guessing does not fill the log: one entry for an account and minute, then how often it was', async () => {
  await register('bob')
  const guess = async (name: string, times: number) => {
    for (let i = 0; i < times; i++) await codeOf(login(name, `guess ${i}`))
  }
  await guess('bob', 5)
  house.advance(60_000)
  await guess('bob', 3)
  const failures = async () => (await acts('bob')).filter(([action]) => action === 'sign-in-failed')
  expect(await failures()).toEqual([
    ['sign-in-failed', undefined, { attempts: 1 }],
    ['sign-in-failed', undefined, { attempts: 5 }],
  ])
})

test('[AUD3] of many accounts sixty entries in a minute; what is no user name is not kept', async () => {
  house.advance(60_000)
  const before = await house.store.audit.list({ limit: 1000, action: 'sign-in-failed' })
  const names = Array.from({ length: 70 }, (_, i) => `guessed-${i}`)
  for (const name of names) {
    const credential = { passwordHash: '-' }
    await house.store.accounts.users.create({ id: user(name), displayName: name, createdAt: 1 }, credential)
  }
  for (const name of names) await codeOf(login(name, 'guess'))
  await codeOf(login('my secret passphrase', 'guess'))
  const found = await house.store.audit.list({ limit: 1000, action: 'sign-in-failed' })
  expect(found.length - before.length).toBe(60)
  expect(JSON.stringify(found)).not.toContain('secret')
  house.advance(60_000)
  await codeOf(login('my secret passphrase', 'guess'))
  const [last] = await house.store.audit.list({ limit: 1, action: 'sign-in-failed' })
  expect(last).toEqual({
    id: expect.any(Number),
    at: house.clock.now(),
    action: 'sign-in-failed',
    details: { attempts: 2 },
  })
})
