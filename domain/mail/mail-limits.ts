import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Refusal } from '../../protocol/errors.ts'
import type { UserId } from '../../protocol/ids.ts'

/** How much mail one account and one mailbox may cause, so that nobody's mailbox is filled by others. */
export interface MailLimits {
  /** Counts a letter that an account asks for. */
  ofAccount(user: UserId): Promise<Refusal | undefined>
  /** Counts a letter to a mailbox, whichever account it is about. */
  ofMailbox(address: string): Promise<Refusal | undefined>
  /** Counts a link to reset the password of an account. */
  ofResets(user: UserId): Promise<Refusal | undefined>
}

const HOUR_S = 3_600
const LETTERS_PER_HOUR = 5
const RESETS_PER_HOUR = 3

export function createMailLimits(): MailLimits {
  const letters = new RateLimiterMemory({ points: LETTERS_PER_HOUR, duration: HOUR_S })
  const resets = new RateLimiterMemory({ points: RESETS_PER_HOUR, duration: HOUR_S })
  return {
    ofAccount: (user) => count(letters, `account ${user}`),
    ofMailbox: (address) => count(letters, `mailbox ${address.toLowerCase()}`),
    ofResets: (user) => count(resets, user),
  }
}

async function count(limiter: RateLimiterMemory, key: string): Promise<Refusal | undefined> {
  try {
    await limiter.consume(key)
    return undefined
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    return { code: 'rate_limited', retryAfterMs: Math.max(1, Math.ceil(error.msBeforeNext)) }
  }
}
