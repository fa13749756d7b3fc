/** Slows down who guesses: failed sign-ins are counted per address and per user, over every door ([system 12, Limits]). */
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import type { Refusal } from '../protocol/errors.ts'
import { isUserId, type UserId } from '../protocol/ids.ts'
import type { SessionStore } from './accounts-port.ts'
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

/** So many failures of a user without a success between them... */
const STREAK = 100
/** ...and strangers wait this long. */
const LOCKED_OUT_MS = 15 * 60_000
const KNOWN_PLACES = 50_000

/**
 * `perMinute`: failures allowed, 0 for no limit. `placesOf` turns an origin into the keyed hashes by which the
 * sessions remember it.
 */
export function createLoginGuard(options: {
  perMinute: number
  sessions: Pick<SessionStore, 'knows'>
  placesOf(origin: Origin): string[]
}): LoginGuard {
  const { perMinute, placesOf } = options
  if (perMinute === 0) return UNGUARDED
  const minute = new RateLimiterMemory({ points: perMinute, duration: 60 })
  const streak = new RateLimiterMemory({ points: STREAK, duration: LOCKED_OUT_MS / 1000 })
  const known = createRecentMap<string, boolean>(KNOWN_PLACES)

  /** How long the counters make an attempt wait. `mine`: whether the attempt is counted in them already. */
  const waitOf = async (counts: Counts, mine: 0 | 1, user: string, origin: Origin): Promise<number> => {
    const wait = (count: RateLimiterRes | null, limit: number) =>
      count !== null && count.consumedPoints - mine >= limit ? Math.max(1, count.msBeforeNext) : 0
    const atAddress = wait(counts.address, perMinute)
    if (atAddress > 0) return atAddress
    const ofUser = Math.max(wait(counts.user, perMinute), wait(counts.streak, STREAK))
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

  /** Does the same to every counter of an attempt. */
  const onAll = async (
    user: string,
    { address }: Origin,
    count: (limiter: RateLimiterMemory, key: string) => Promise<RateLimiterRes | null>,
  ): Promise<Counts> => ({
    address: address === undefined ? null : await count(minute, addressKey(address)),
    user: await count(minute, userKey(user)),
    streak: await count(streak, userKey(user)),
  })

  return {
    async check(user, origin) {
      const counts = await onAll(user, origin, (limiter, key) => limiter.get(key))
      return refusalFor(await waitOf(counts, 0, user, origin))
    },
    async reserve(user, origin) {
      const counts = await onAll(user, origin, (limiter, key) => limiter.penalty(key))
      const wait = await waitOf(counts, 1, user, origin)
      if (wait > 0) await onAll(user, origin, (limiter, key) => limiter.reward(key))
      return refusalFor(wait)
    },
    async failed(user, origin) {
      await onAll(user, origin, (limiter, key) => limiter.penalty(key))
    },
    async release(user, origin) {
      await onAll(user, origin, (limiter, key) => limiter.reward(key))
    },
    async succeeded(user, origin, reserved) {
      for (const place of placesOf(origin)) known.set(`${user} ${place}`, true)
      if (reserved !== undefined) await onAll(user, origin, (limiter, key) => limiter.reward(key))
      await streak.delete(userKey(user))
    },
  }
}

/** What the counters say of one attempt; null: nothing. */
type Counts = { address: RateLimiterRes | null; user: RateLimiterRes | null; streak: RateLimiterRes | null }

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
