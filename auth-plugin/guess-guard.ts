/** Slows down who guesses codes: wrong ones are counted per address, or per user where there is none ([INV7]). */
import type { Refusal } from '../protocol/errors.ts'
import { networkOf } from './login-guard.ts'
import { createCounters, type OpenCounter } from './rate-limits.ts'

const WRONG_PER_MINUTE = 20

export type Guesser = { address?: string | undefined; user?: string | undefined }

export interface GuessGuard {
  /** `rate_limited` for who has named too many wrong codes within a minute. */
  check(who: Guesser): Promise<Refusal | undefined>
  failed(who: Guesser): Promise<void>
}

/** `perMinute`: wrong codes allowed, 0 for no limit. `openCounter`: where they are counted, in memory when absent. */
export function createGuessGuard({
  perMinute = WRONG_PER_MINUTE,
  openCounter = createCounters(),
}: {
  perMinute?: number
  openCounter?: OpenCounter | undefined
} = {}): GuessGuard {
  const wrong = openCounter('invite-codes', 60)
  const keyOf = ({ address, user }: Guesser): string =>
    address === undefined ? `user ${user}` : `address ${networkOf(address)}`
  return {
    async check(who) {
      if (perMinute === 0) return undefined
      const count = await wrong.get(keyOf(who))
      if (count === undefined || count.used < perMinute) return undefined
      return { code: 'rate_limited', retryAfterMs: Math.max(1, Math.ceil(count.msLeft)) }
    },
    async failed(who) {
      if (perMinute > 0) await wrong.add(keyOf(who))
    },
  }
}
