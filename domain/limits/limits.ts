/** How often things are done that cost much, or could be guessed with: operations name the limit they fall under. */
import { networkOf, type OpenCounter } from '../../auth-plugin/index.ts'
import { ChatError } from '../../protocol/errors.ts'
import type { UserId } from '../../protocol/ids.ts'

const MINUTE = 60
const HOUR = 3_600

/** The windows, in seconds. */
const windows = {
  registrations: HOUR,
  passwordResets: HOUR,
  searches: MINUTE,
  exports: HOUR,
} as const

export type LimitName = keyof typeof windows
/** How often in a window; 0 or absent: no limit. */
export type LimitSizes = Readonly<Partial<Record<LimitName, number>>>

/** People who share an address may do so much together for each one that is allowed to one of them. */
const PEOPLE_AT_AN_ADDRESS = 10

/** Who does it, as far as that is known. */
export type Doer = { session?: { user: UserId } | undefined; address?: string | undefined }

export interface Limits {
  /** Counts once; throws `rate_limited` for who has had enough ([LIM7]). */
  take(name: LimitName, who: Doer): Promise<void>
}

/** Signed in: counted per user, and more generously per address. Otherwise per address. */
export function createLimits(sizes: LimitSizes, openCounter: OpenCounter): Limits {
  const counters = new Map(
    (Object.keys(windows) as LimitName[]).map((name) => [name, openCounter(name, windows[name])] as const),
  )

  async function count(name: LimitName, key: string, limit: number): Promise<number> {
    const counted = await counters.get(name)?.add(key)
    return counted !== undefined && counted.used > limit ? Math.max(1, Math.ceil(counted.msLeft)) : 0
  }

  return {
    async take(name, { session, address }) {
      const limit = sizes[name] ?? 0
      if (limit === 0) return
      const ofUser = session === undefined ? 0 : await count(name, `user ${session.user}`, limit)
      const shared = session === undefined ? limit : limit * PEOPLE_AT_AN_ADDRESS
      const ofAddress = address === undefined ? 0 : await count(name, `address ${networkOf(address)}`, shared)
      const retryAfterMs = Math.max(ofUser, ofAddress)
      if (retryAfterMs > 0) throw new ChatError('rate_limited', { retryAfterMs })
    },
  }
}

export const UNLIMITED: Limits = { take: async () => {} }
