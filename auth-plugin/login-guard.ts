/** Slows down who guesses: failed sign-ins are counted per address and per user, over every door ([system 12, Limits]). */
import type { Refusal } from '../protocol/errors.ts'
import { isUserId, type UserId } from '../protocol/ids.ts'
import type { SessionStore } from './accounts-port.ts'
import { type Count, type Counter, createCounters, type OpenCounter } from './rate-limits.ts'
import { createRecentMap } from './recent-map.ts'

/** Where an attempt comes from. What is absent is not looked at. */
export type Origin = { address?: string | undefined; browser?: string | undefined }

/** After each `check` that let pass, the attempt ends in `failed`, `succeeded` or `release`. */
export interface LoginGuard {
  /**
   * Whether an attempt may go on: `rate_limited` when the address has failed too often, or when the user has and was
   * never seen at this address or browser. So nobody can lock the owner out.
   */
  check(user: string, origin: Origin): Promise<Refusal | undefined>
  /** Like `check`, and counts the attempt as failed until `succeeded` takes it back: for work that takes long. */
  reserve(user: string, origin: Origin): Promise<Refusal | undefined>
  failed(user: string, origin: Origin): Promise<void>
  /** Takes `reserve` back for who has not failed and has not succeeded: more is to be proven. */
  release(user: string, origin: Origin): Promise<void>
  /** The place is known for this user from now on. `reserved`: the attempt was let pass by `reserve`. */
  succeeded(user: UserId, origin: Origin, reserved?: 'reserved'): Promise<void>
}

/** Failures of a user from unknown places are remembered for so long, or until he signs in. */
const STREAK_SECONDS = 6 * 3_600
/** However many there were, strangers wait no longer than this. */
const LONGEST_WAIT_SECONDS = 15 * 60
const KNOWN_PLACES = 50_000

/**
 * `perMinute`: failures allowed, 0 for no limit; so many in a row are free of the growing wait, too. `placesOf` turns an
 * origin into the keyed hashes by which the sessions remember it. `openCounter`: where it is counted.
 */
export function createLoginGuard(options: {
  perMinute: number
  sessions: Pick<SessionStore, 'knows'>
  placesOf(origin: Origin): string[]
  openCounter?: OpenCounter
}): LoginGuard {
  const { perMinute, placesOf, openCounter = createCounters() } = options
  if (perMinute === 0) return UNGUARDED
  const minute = openCounter('sign-in', 60)
  const streak = openCounter('sign-in-streak', STREAK_SECONDS)
  /** Held for who must wait because of the streak. */
  const wait = openCounter('sign-in-wait', LONGEST_WAIT_SECONDS)
  const known = createRecentMap<string, boolean>(KNOWN_PLACES)

  /** How long the counters make an attempt wait. `mine`: whether the attempt is counted in them already. */
  const waitOf = async (counts: Counts, mine: 0 | 1, user: string, origin: Origin): Promise<number> => {
    const left = (count: Count | undefined) =>
      count !== undefined && count.used - mine >= perMinute ? Math.max(1, count.msLeft) : 0
    const atAddress = left(counts.address)
    if (atAddress > 0) return atAddress
    const ofUser = Math.max(left(counts.user), counts.wait?.msLeft ?? 0)
    return ofUser > 0 && !(await isKnown(user, origin)) ? ofUser : 0
  }

  const isKnown = async (user: string, origin: Origin): Promise<boolean> => {
    const places = placesOf(origin)
    if (places.length === 0 || !isUserId(user)) return false
    const together = `${user} ${places.join(' ')}`
    if (known.get(together) || places.some((place) => known.get(`${user} ${place}`))) return true
    const remembered = await options.sessions.knows(user, places)
    if (remembered) known.set(together, true)
    return remembered
  }

  /** Does the same to the counters of the minute. */
  const onBoth = async <Result>(
    user: string,
    { address }: Origin,
    count: (counter: Counter, key: string) => Promise<Result>,
  ): Promise<{ address: Result | undefined; user: Result }> => ({
    address: address === undefined ? undefined : await count(minute, addressKey(address)),
    user: await count(minute, userKey(user)),
  })

  /** One more failure in a row: each beyond the free ones doubles what strangers wait from now on. */
  const lengthen = async (user: string, origin: Origin): Promise<void> => {
    if (await isKnown(user, origin)) return
    const { used } = await streak.add(userKey(user))
    if (used <= perMinute) return
    await wait.hold(userKey(user), Math.min(LONGEST_WAIT_SECONDS, 2 ** Math.min(10, used - perMinute)))
  }

  const takeBack = async (user: string, origin: Origin): Promise<void> => {
    await onBoth(user, origin, (counter, key) => counter.takeBack(key))
  }

  return {
    async check(user, origin) {
      const counts = await onBoth(user, origin, (counter, key) => counter.get(key))
      return refusalFor(await waitOf({ ...counts, wait: await wait.get(userKey(user)) }, 0, user, origin))
    },
    async reserve(user, origin) {
      const held = await wait.get(userKey(user))
      const counts = await onBoth(user, origin, (counter, key) => counter.add(key))
      const ms = await waitOf({ ...counts, wait: held }, 1, user, origin)
      if (ms > 0) await takeBack(user, origin)
      else await lengthen(user, origin)
      return refusalFor(ms)
    },
    async failed(user, origin) {
      await onBoth(user, origin, (counter, key) => counter.add(key))
      await lengthen(user, origin)
    },
    async release(user, origin) {
      await takeBack(user, origin)
      if (await isKnown(user, origin)) return
      await streak.takeBack(userKey(user))
      await wait.forget(userKey(user))
    },
    async succeeded(user, origin, reserved) {
      for (const place of placesOf(origin)) known.set(`${user} ${place}`, true)
      if (reserved !== undefined) await takeBack(user, origin)
      await streak.forget(userKey(user))
      await wait.forget(userKey(user))
    },
  }
}

/** What the counters say of one attempt. */
type Counts = { address: Count | undefined; user: Count | undefined; wait: Count | undefined }

const UNGUARDED: LoginGuard = {
  check: async () => undefined,
  reserve: async () => undefined,
  failed: async () => undefined,
  release: async () => undefined,
  succeeded: async () => undefined,
}

const refusalFor = (ms: number): Refusal | undefined =>
  ms > 0 ? { code: 'rate_limited', retryAfterMs: Math.ceil(ms) } : undefined
/** Whatever somebody calls himself, a key stays short. */
const userKey = (user: string): string => `user ${user.slice(0, 64)}`
const addressKey = (address: string): string => `address ${networkOf(address)}`

/** An IPv4 address, also when written as IPv6; of an IPv6 address the /64 that one household has. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  if (!address.includes(':')) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
