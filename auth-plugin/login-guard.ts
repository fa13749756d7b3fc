/** Slows down who guesses: failed sign-ins are counted per address and per user, over every door ([system 12, Limits]). */
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Refusal } from '../protocol/errors.ts'
import { isUserId, type UserId } from '../protocol/ids.ts'
import type { SessionStore } from './accounts-port.ts'
import { createRecentMap } from './recent-map.ts'

/** Where an attempt comes from. What is absent is not looked at. */
export type Origin = { address?: string | undefined; browser?: string | undefined }

/** After each `check` that let pass, the attempt ends in `failed` or `succeeded`. */
export interface LoginGuard {
  /**
   * Whether an attempt may go on: `rate_limited` when the address has failed too often, or when the user has and was
   * never seen at this address or browser. So nobody can lock the owner out.
   */
  check(user: string, origin: Origin): Promise<Refusal | undefined>
  /** Like `check`, and counts the attempt as failed until `succeeded` takes it back: for work that takes long. */
  reserve(user: string, origin: Origin): Promise<Refusal | undefined>
  failed(user: string, origin: Origin): Promise<void>
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

  const waitAtAddress = async (origin: Origin): Promise<number> => {
    const failures = origin.address === undefined ? null : await minute.get(addressKey(origin.address))
    return failures !== null && failures.consumedPoints >= perMinute ? failures.msBeforeNext : 0
  }

  const waitOfUser = async (user: string): Promise<number> => {
    const [recent, row] = await Promise.all([minute.get(userKey(user)), streak.get(userKey(user))])
    if (row !== null && row.consumedPoints >= STREAK) return row.msBeforeNext
    return recent !== null && recent.consumedPoints >= perMinute ? recent.msBeforeNext : 0
  }

  const isKnown = async (user: string, origin: Origin): Promise<boolean> => {
    const places = placesOf(origin)
    if (places.length === 0 || !isUserId(user)) return false
    if (places.some((place) => known.get(`${user} ${place}`))) return true
    const remembered = await options.sessions.knows(user, places)
    for (const place of remembered ? places : []) known.set(`${user} ${place}`, true)
    return remembered
  }

  const check: LoginGuard['check'] = async (user, origin) => {
    const address = await waitAtAddress(origin)
    if (address > 0) return refusal(address)
    const own = await waitOfUser(user)
    return own > 0 && !(await isKnown(user, origin)) ? refusal(own) : undefined
  }

  const failed: LoginGuard['failed'] = async (user, origin) => {
    if (origin.address !== undefined) await minute.penalty(addressKey(origin.address))
    await Promise.all([minute.penalty(userKey(user)), streak.penalty(userKey(user))])
  }

  return {
    check,
    failed,
    async reserve(user, origin) {
      const no = await check(user, origin)
      if (no === undefined) await failed(user, origin)
      return no
    },
    async succeeded(user, origin, reserved) {
      for (const place of placesOf(origin)) known.set(`${user} ${place}`, true)
      await streak.delete(userKey(user))
      if (reserved === undefined) return
      await minute.reward(userKey(user))
      if (origin.address !== undefined) await minute.reward(addressKey(origin.address))
    },
  }
}

const UNGUARDED: LoginGuard = {
  check: async () => undefined,
  reserve: async () => undefined,
  failed: async () => undefined,
  succeeded: async () => undefined,
}

const refusal = (ms: number): Refusal => ({ code: 'rate_limited', retryAfterMs: Math.max(1, Math.ceil(ms)) })
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
