/** Slows down who guesses codes: wrong ones are counted per address, or per user where there is none ([INV7]). */
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Refusal } from '../protocol/errors.ts'
import { networkOf } from './login-guard.ts'

const WRONG_PER_MINUTE = 20

export type Guesser = { address?: string | undefined; user?: string | undefined }

export interface GuessGuard {
  /** `rate_limited` for who has named too many wrong codes within a minute. */
  check(who: Guesser): Promise<Refusal | undefined>
  failed(who: Guesser): Promise<void>
}

export function createGuessGuard(): GuessGuard {
  const wrong = new RateLimiterMemory({ points: WRONG_PER_MINUTE, duration: 60 })
  const keyOf = ({ address, user }: Guesser): string =>
    address === undefined ? `user ${user}` : `address ${networkOf(address)}`
  return {
    async check(who) {
      const count = await wrong.get(keyOf(who))
      if (count === null || count.consumedPoints < WRONG_PER_MINUTE) return undefined
      return { code: 'rate_limited', retryAfterMs: Math.max(1, count.msBeforeNext) }
    },
    async failed(who) {
      await wrong.penalty(keyOf(who), 1)
    },
  }
}
