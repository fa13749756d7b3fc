import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { UserId } from '../protocol/ids.ts'
import { createLoginGuard, type LoginGuard, networkOf } from './login-guard.ts'

const alice = 'alice' as UserId
const home = { address: '192.0.2.1' }
const away = { address: '198.51.100.1' }
const stranger = (n: number) => ({ address: `203.0.113.${n}` })
const refused = { code: 'rate_limited' }

let guard: LoginGuard
let remembered: string[]
const openGuard = (perMinute: number) =>
  createLoginGuard({
    perMinute,
    placesOf: ({ address, browser }) => [address, browser].filter((place) => place !== undefined),
    sessions: { knows: async (_user, places) => places.some((place) => remembered.includes(place)) },
  })

beforeEach(() => {
  vi.useFakeTimers()
  remembered = []
  guard = openGuard(10)
})
afterEach(() => vi.useRealTimers())

async function fail(times: number, user: string, origin: { address?: string; browser?: string }) {
  for (let i = 0; i < times; i++) await guard.failed(user, origin)
}

test('[LIM2] ten failures from one address, and it waits out its minute, whatever user it tries', async () => {
  for (let i = 0; i < 10; i++) {
    expect(await guard.check(`user-${i}`, home)).toBeUndefined()
    await guard.failed(`user-${i}`, home)
  }
  const no = await guard.check('bob', home)
  expect(no).toMatchObject(refused)
  expect(no?.retryAfterMs).toBeGreaterThan(0)
  expect(no?.retryAfterMs).toBeLessThanOrEqual(60_000)
  expect(await guard.check('bob', away)).toBeUndefined()
  vi.advanceTimersByTime(no?.retryAfterMs ?? 0)
  expect(await guard.check('bob', home)).toBeUndefined()
})

test('[LIM2] successes are free', async () => {
  for (let i = 0; i < 50; i++) {
    expect(await guard.check(alice, home)).toBeUndefined()
    await guard.succeeded(alice, home)
    expect(await guard.reserve(alice, home)).toBeUndefined()
    await guard.succeeded(alice, home, 'reserved')
  }
})

test('[LIM2] ten failures on one user from many addresses, and other strangers wait', async () => {
  for (let i = 0; i < 10; i++) await fail(1, alice, stranger(i))
  expect(await guard.check(alice, stranger(99))).toMatchObject(refused)
  expect(await guard.check('bob', stranger(99))).toBeUndefined()
})

test('[LIM2] nobody can lock the owner out of an address or a browser that he signed in from', async () => {
  await guard.succeeded(alice, home)
  remembered.push('the browser')
  for (let i = 0; i < 200; i++) await fail(1, alice, stranger(i))
  expect(await guard.check(alice, away)).toMatchObject(refused)
  expect(await guard.check(alice, home)).toBeUndefined()
  expect(await guard.check(alice, { ...away, browser: 'the browser' })).toBeUndefined()
  expect(await guard.check(alice, { ...away, browser: 'another one' })).toMatchObject(refused)
})

test('[LIM2] a hundred failures in a row, and strangers wait a quarter of an hour', async () => {
  for (let i = 0; i < 100; i++) await fail(1, alice, stranger(i))
  vi.advanceTimersByTime(61_000)
  const no = await guard.check(alice, away)
  expect(no).toMatchObject(refused)
  expect(no?.retryAfterMs).toBeGreaterThan(13 * 60_000)
  vi.advanceTimersByTime(15 * 60_000)
  expect(await guard.check(alice, away)).toBeUndefined()
})

test('[LIM2] a success between them begins the row anew', async () => {
  for (let i = 0; i < 99; i++) await fail(1, alice, stranger(i))
  await guard.succeeded(alice, home)
  vi.advanceTimersByTime(61_000)
  await fail(5, alice, away)
  expect(await guard.check(alice, stranger(200))).toBeUndefined()
})

test('[LIM8] beyond the free ones each further failure from unknown places doubles the wait', async () => {
  const waits: number[] = []
  for (let i = 0; i < 24; i++) {
    await fail(1, alice, stranger(i))
    if (i < 10) vi.advanceTimersByTime(61_000)
    else waits.push(((await guard.check(alice, stranger(200)))?.retryAfterMs ?? 0) / 1000)
    vi.advanceTimersByTime((waits.at(-1) ?? 0) * 1000 + 1)
  }
  // From the tenth in a minute on the minute is the longer wait.
  expect(waits.slice(0, 9)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512])
  expect(new Set(waits.slice(9))).toEqual(new Set([900]))
})

test('[LIM8] what fails where the owner is known makes no stranger wait longer than the minute', async () => {
  await guard.succeeded(alice, home)
  await fail(60, alice, home)
  vi.advanceTimersByTime(61_000)
  expect(await guard.check(alice, away)).toBeUndefined()
})

test('[LIM8] an attempt that was right so far is no failure, however many there were before', async () => {
  for (let i = 0; i < 14; i++) {
    await fail(1, alice, stranger(i))
    vi.advanceTimersByTime(1_000_000)
  }
  expect(await guard.reserve(alice, away)).toBeUndefined()
  await guard.release(alice, away)
  expect(await guard.check(alice, away)).toBeUndefined()
})

test('[MFA4] who has more to prove has neither failed nor succeeded', async () => {
  await fail(9, alice, away)
  for (let i = 0; i < 30; i++) {
    expect(await guard.reserve(alice, home)).toBeUndefined()
    await guard.release(alice, home)
  }
  expect(await guard.check(alice, home)).toBeUndefined()
  await fail(1, alice, away)
  expect(await guard.check(alice, stranger(1)), 'nothing was forgiven').toMatchObject(refused)
  expect(await guard.check(alice, stranger(2)), 'and no place is known').toMatchObject(refused)
})

test('[LIM2] what is under way counts, so that a burst does not pass the limit', async () => {
  const answers = await Promise.all(Array.from({ length: 30 }, () => guard.reserve(alice, home)))
  expect(answers.filter((no) => no === undefined)).toHaveLength(10)
})

test('[LIM2] one household, one address', () => {
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
  expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe(networkOf('2001:DB8:0001:2::9'))
  expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'))
  expect(networkOf('::1')).toBe('0:0:0:0::/64')
  expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
})

test('[LIM2] zero is no limit', async () => {
  guard = openGuard(0)
  await fail(1000, alice, home)
  expect(await guard.check(alice, home)).toBeUndefined()
  expect(await guard.reserve(alice, home)).toBeUndefined()
})

test('[LIM2] names are kept short, and need not be user ids', async () => {
  const name = `${'x'.repeat(100_000)}\0+/#`
  await fail(10, name, {})
  expect(await guard.check(name, {})).toMatchObject(refused)
  expect(await guard.check(alice, {})).toBeUndefined()
})
