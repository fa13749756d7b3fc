import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RoomId, UserId } from '../../protocol/ids.ts'
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
const DAY = 24 * 3_600_000
const userId = (name: string) => name as UserId

async function addUser(name: string, displayName = name): Promise<UserId> {
  await accounts.users.create({ id: userId(name), displayName, createdAt: NOW }, { passwordHash: `hash of ${name}` })
  return userId(name)
}

const newSession = (user: UserId, id: string, more: object = {}) => ({
  id,
  user,
  device: 'a browser',
  refreshHash: `hash of ${id}`,
  createdAt: NOW,
  expiresAt: NOW + 30 * DAY,
  places: [`home of ${user}`],
  ...more,
})

test('[ACC1] a user name is given once, with its password', async () => {
  await addUser('alice', 'Alice')
  await expect(addUser('alice', 'Another')).rejects.toMatchObject({ code: 'username_taken' })
  expect(await accounts.users.get(userId('alice'))).toEqual({ id: 'alice', displayName: 'Alice', createdAt: NOW })
  expect(await accounts.credentials.passwordHash(userId('alice'))).toBe('hash of alice')
  await accounts.credentials.setPassword(userId('alice'), 'another hash', NOW)
  expect(await accounts.credentials.passwordHash(userId('alice'))).toBe('another hash')
  expect(await accounts.credentials.passwordHash(userId('nobody'))).toBeUndefined()
  await expect(accounts.credentials.setPassword(userId('nobody'), 'x', NOW)).rejects.toMatchObject({
    code: 'user_not_found',
  })
})

test('[ACC2] the directory finds users by what their id or display name begins with', async () => {
  await addUser('dora', 'Émile Zola')
  await addUser('dorian', '100% real_name')
  await addUser('zed', 'DORIS')
  const found = async (text: string) => (await accounts.users.search({ text, limit: 10 })).map(({ id }) => id)
  expect(await found('dor')).toEqual(['dora', 'dorian', 'zed'])
  expect(await found('DOR')).toEqual(['dora', 'dorian', 'zed'])
  expect(await found('émile')).toEqual(['dora'])
  expect(await found('100%')).toEqual(['dorian'])
  expect(await found('%')).toEqual([])
  expect(await found('d_r')).toEqual([])
  expect(await found('\\')).toEqual([])
  expect(await found('\0')).toEqual([])
  expect(await accounts.users.search({ text: '', limit: 2 })).toHaveLength(2)
  expect((await accounts.users.getMany([userId('zed'), userId('nobody')])).map(({ id }) => id)).toEqual(['zed'])
})

test('[PEO1] a user may be called otherwise, and say something of himself', async () => {
  const user = await addUser('renamed')
  expect(await accounts.users.change(user, { displayName: 'New Name' })).toMatchObject({ displayName: 'New Name' })
  const shown = await accounts.users.change(user, { about: 'Bees', timeZone: 'Europe/Rome' })
  expect(shown).toMatchObject({ displayName: 'New Name', about: 'Bees', timeZone: 'Europe/Rome' })
  const { about, ...rest } = shown
  expect(await accounts.users.change(user, { about: '' })).toEqual(rest)
  expect(about).toBe('Bees')
  const nobody = accounts.users.change(userId('nobody'), { displayName: 'x' })
  await expect(nobody).rejects.toMatchObject({ code: 'user_not_found' })
})

test('[PRE1] last seen moves forward only; a status stays until another one comes', async () => {
  const [one, two] = [await addUser('seen-one'), await addUser('seen-two')]
  await accounts.users.savePresence(
    new Map([
      [two, { status: { state: 'busy', text: 'in a meeting' } }],
      [one, { lastSeen: NOW }],
    ]),
  )
  await accounts.users.savePresence(
    new Map([
      [one, { lastSeen: NOW - 1, status: { state: 'away' } }],
      [two, { lastSeen: NOW + 5 }],
      [userId('nobody'), { lastSeen: NOW }],
    ]),
  )
  expect(await accounts.users.lastSeen([one, two, userId('nobody')])).toEqual(
    new Map([
      [one, NOW],
      [two, NOW + 5],
    ]),
  )
  expect(await accounts.users.statuses([one, two])).toEqual(
    new Map([
      [one, { state: 'away' }],
      [two, { state: 'busy', text: 'in a meeting' }],
    ]),
  )
})

test('[ACC3] a refresh token is swapped once, also by two at a time', async () => {
  const user = await addUser('rotating')
  await accounts.sessions.create(newSession(user, 'r1'))
  const swap = (to: string) =>
    accounts.sessions.rotate('r1', { from: 'hash of r1', to, at: NOW + 1, expiresAt: NOW + 31 * DAY })
  const swapped = await Promise.all([swap('a'), swap('b'), swap('c')])
  expect(swapped.filter(Boolean)).toHaveLength(1)
  expect(await accounts.sessions.find('r1')).toMatchObject({ lastUsedAt: NOW + 1, expiresAt: NOW + 31 * DAY })
  await accounts.sessions.end(user, { id: 'r1' }, NOW + 2)
  const good = (await accounts.sessions.find('r1'))?.refreshHash ?? ''
  expect(await accounts.sessions.rotate('r1', { from: good, to: 'd', at: NOW, expiresAt: NOW })).toBe(false)
})

test('[P6] sessions end one by one, all but one, or all; only those of their user', async () => {
  const [user, other] = [await addUser('ending'), await addUser('bystander')]
  for (const id of ['e1', 'e2', 'e3', 'e4']) await accounts.sessions.create(newSession(user, id))
  await accounts.sessions.create(newSession(other, 'o1'))
  expect(await accounts.sessions.end(other, { id: 'e1' }, NOW)).toEqual([])
  expect(await accounts.sessions.end(user, { id: 'e1' }, NOW)).toEqual(['e1'])
  expect(await accounts.sessions.end(user, { id: 'e1' }, NOW)).toEqual([])
  expect((await accounts.sessions.end(user, { allBut: 'e2' }, NOW)).sort()).toEqual(['e3', 'e4'])
  expect((await accounts.sessions.list(user, NOW)).map(({ id }) => id)).toEqual(['e2'])
  expect(await accounts.sessions.end(user, { all: true }, NOW)).toEqual(['e2'])
  expect(await accounts.sessions.list(user, NOW)).toEqual([])
  expect(await accounts.sessions.list(other, NOW)).toHaveLength(1)
  expect(await accounts.sessions.list(other, NOW + 31 * DAY)).toEqual([])
})

test('[LIM2] ended sessions say where their user has signed in, for ninety days', async () => {
  const user = await addUser('at-home')
  await accounts.sessions.create(newSession(user, 'h1'))
  await accounts.sessions.end(user, { all: true }, NOW)
  expect(await accounts.sessions.knows(user, ['elsewhere', 'home of at-home'])).toBe(true)
  expect(await accounts.sessions.knows(user, ['elsewhere'])).toBe(false)
  expect(await accounts.sessions.knows(user, [])).toBe(false)
  await accounts.sessions.create(newSession(user, 'h2', { createdAt: NOW + 91 * DAY, places: ['elsewhere'] }))
  expect(await accounts.sessions.find('h1')).toBeUndefined()
  expect(await accounts.sessions.knows(user, ['home of at-home'])).toBe(false)
})

test('[P6] app tokens are found by their hash until they are revoked', async () => {
  const [user, other] = [await addUser('with-bots'), await addUser('without-bots')]
  const entry = (id: string, hash: string, rooms: string[] | null) => ({
    ...{ id, user, name: 'cron', hash, rooms: rooms as RoomId[] | null },
    ...{ access: 'read' as const, expiresAt: NOW + DAY, createdAt: NOW },
  })
  expect(await accounts.appTokens.create(entry('t1', 'h1', ['ops', 'dev']), 2)).toBe(true)
  expect(await accounts.appTokens.create(entry('t2', 'h2', null), 2)).toBe(true)
  expect(await accounts.appTokens.create(entry('t3', 'h3', null), 2)).toBe(false)
  expect(await accounts.appTokens.findByHash('h1')).toMatchObject({ id: 't1', rooms: ['ops', 'dev'], access: 'read' })
  expect(await accounts.appTokens.findByHash('h2')).toMatchObject({ rooms: null, lastUsedAt: null })
  await accounts.appTokens.used('t2', NOW + 7)
  expect(await accounts.appTokens.findByHash('h2')).toMatchObject({ lastUsedAt: NOW + 7 })
  expect(await accounts.appTokens.list(user)).toHaveLength(2)
  expect(await accounts.appTokens.remove(other, 't1')).toBe(false)
  expect(await accounts.appTokens.remove(user, 't1')).toBe(true)
  expect(await accounts.appTokens.findByHash('h1')).toBeUndefined()
})

test('[TOK5] a new signing key retires the others; those retired long ago are forgotten', async () => {
  const key = (id: string, createdAt: number) =>
    ({
      id,
      publicKey: { kty: 'OKP', crv: 'Ed25519', x: id },
      privateKey: 'sealed',
      createdAt,
      retiredAt: null,
    }) as const
  await accounts.signingKeys.add(key('k1', NOW), NOW - DAY)
  await accounts.signingKeys.add(key('k2', NOW + 1), NOW - DAY)
  expect((await accounts.signingKeys.list()).map(({ id, retiredAt }) => [id, retiredAt])).toEqual([
    ['k2', null],
    ['k1', NOW + 1],
  ])
  await accounts.signingKeys.add(key('k3', NOW + 2 * DAY), NOW + DAY)
  expect((await accounts.signingKeys.list()).map(({ id, publicKey }) => [id, publicKey.x])).toEqual([
    ['k3', 'k3'],
    ['k2', 'k2'],
  ])
})
