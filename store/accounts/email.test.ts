import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UserId } from '../../protocol/ids.ts'
import { userId } from '../test/fixtures.ts'
import { openTestStore, type TestStore } from '../test/open-test-store.ts'
import type { Accounts } from './index.ts'

let accounts: Accounts
let store: TestStore
beforeAll(async () => {
  store = await openTestStore()
  accounts = store.accounts
})
afterAll(() => store?.close())

const NOW = 1_763_652_000_000
const HOUR = 3_600_000

async function addUser(name: string, email?: string): Promise<UserId> {
  const user = { id: userId(name), displayName: name, createdAt: NOW }
  await accounts.users.create(user, { passwordHash: `hash of ${name}`, ...(email !== undefined && { email }) })
  return user.id
}

const addLink = (user: UserId, hash: string, email: string) =>
  accounts.actionLinks.create({ hash, user, email, purpose: 'verify-email', createdAt: NOW, expiresAt: NOW + HOUR })
const addReset = (user: UserId, hash: string) =>
  accounts.actionLinks.create({ hash, user, purpose: 'reset-password', createdAt: NOW, expiresAt: NOW + HOUR })

const verify = (hash: string, at = NOW) => accounts.actionLinks.verifyEmail({ hash, at })
const reset = (hash: string, at = NOW) =>
  accounts.actionLinks.resetPassword({ hash, passwordHash: `set by ${hash}`, at })

test('[MAIL1] an address is claimed by anybody and belongs to who proves it first, in any case', async () => {
  const [one, other] = [await addUser('claims', 'Same@example.org'), await addUser('claims-too', 'same@example.org')]
  await addLink(one, 'c1', 'Same@example.org')
  await addLink(other, 'c2', 'same@example.org')
  expect(await accounts.emails.ownerOf('same@example.org')).toBeUndefined()
  expect(await verify('c2')).toEqual({ user: other, address: 'same@example.org' })
  expect(await accounts.emails.ownerOf('SAME@example.org')).toBe(other)
  await expect(verify('c1')).rejects.toMatchObject({ code: 'email_taken' })
  expect(await accounts.emails.get(one)).toEqual({ address: 'Same@example.org', verified: false })
  await accounts.emails.set(other, null)
  expect(await verify('c1')).toEqual({ user: one, address: 'Same@example.org' })
})

test('[MAIL2] a link proves the address that it was mailed to, once and in time', async () => {
  const user = await addUser('proves', 'a@example.org')
  await addLink(user, 'p1', 'a@example.org')
  await addLink(user, 'p2', 'b@example.org')
  expect(await verify('p2')).toBeUndefined()
  expect(await verify('p1', NOW + HOUR)).toBeUndefined()
  expect(await reset('p1')).toBeUndefined()
  const twice = await Promise.all([verify('p1'), verify('p1')])
  expect(twice.filter((one) => one !== undefined)).toEqual([{ user, address: 'a@example.org' }])
  expect(await accounts.emails.get(user)).toEqual({ address: 'a@example.org', verified: true })
})

test('[MAIL3] with the address every link goes that waits', async () => {
  const user = await addUser('moves', 'old@example.org')
  await addLink(user, 'm1', 'old@example.org')
  await addReset(user, 'm2')
  expect(await accounts.emails.set(user, 'new@example.org')).toEqual({ address: 'old@example.org', verified: false })
  await accounts.emails.set(user, 'old@example.org')
  expect([await verify('m1'), await reset('m2')]).toEqual([undefined, undefined])
  expect(await accounts.emails.get(user)).toEqual({ address: 'old@example.org', verified: false })
  expect(await accounts.emails.set(user, null)).toEqual({ address: 'old@example.org', verified: false })
  expect(await accounts.emails.get(user)).toBeUndefined()
  await expect(accounts.emails.set(userId('nobody'), null)).rejects.toMatchObject({ code: 'user_not_found' })
})

test('[RST2] a reset sets the password and ends every session of its user, once', async () => {
  const [user, other] = [await addUser('forgets'), await addUser('remembers')]
  for (const [id, whose] of [
    ['f1', user],
    ['f2', user],
    ['o1', other],
  ] as const) {
    const times = { createdAt: NOW, expiresAt: NOW + HOUR }
    await accounts.sessions.create({ id, user: whose, device: '', refreshHash: id, ...times, places: [] })
  }
  await addReset(user, 'r1')
  await addReset(user, 'r2')
  expect(await accounts.actionLinks.find({ hash: 'r1', purpose: 'reset-password', at: NOW })).toBe(user)
  expect(await accounts.actionLinks.find({ hash: 'r1', purpose: 'verify-email', at: NOW })).toBeUndefined()
  expect(await reset('r1', NOW + HOUR)).toBeUndefined()
  const [first, second] = await Promise.all([reset('r1'), reset('r1')])
  const done = first ?? second
  expect([first, second]).toContain(undefined)
  expect({ ...done, ended: done?.ended.sort() }).toEqual({ user, ended: ['f1', 'f2'] })
  expect(await accounts.credentials.passwordHash(user)).toBe('set by r1')
  expect(await accounts.sessions.list(user, NOW)).toEqual([])
  expect(await accounts.sessions.list(other, NOW)).toHaveLength(1)
  expect(await reset('r2')).toBeUndefined()
})

test('[RST2] a password chosen otherwise makes links void; a stronger hash of the same one does not', async () => {
  const user = await addUser('changes')
  await addReset(user, 'v1')
  await accounts.credentials.rehash(user, 'another hash', 'never stored')
  expect(await accounts.credentials.passwordHash(user)).toBe('hash of changes')
  await accounts.credentials.rehash(user, 'hash of changes', 'stronger')
  expect(await accounts.actionLinks.find({ hash: 'v1', purpose: 'reset-password', at: NOW })).toBe(user)
  await accounts.credentials.setPassword(user, 'new', NOW)
  expect(await reset('v1')).toBeUndefined()
  expect(await accounts.credentials.passwordHash(user)).toBe('new')
})
