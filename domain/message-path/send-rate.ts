import type { UserId } from '../../protocol/ids.ts'

/** More debt than this is refused instead of waited for. */
const MAX_DEBT_MS = 2_000
const BURST_SECONDS = 3

export type Toll =
  /** Go on; read nothing more from this sender for `pauseMs`. */
  { ok: true; pauseMs: number } | { ok: false; retryAfterMs: number }

export interface SendRate {
  take(user: UserId): Toll
}

/**
 * A token bucket per user: `perSecond` sustained, three seconds' worth at once. Beyond it the sender runs into debt and
 * is slowed by not being read; with more than 2 s of debt a publish is refused and costs nothing ([LIM4]). 0 = no limit.
 */
export function createSendRate(perSecond: number, now: () => number): SendRate {
  const burst = perSecond * BURST_SECONDS
  const buckets = new Map<UserId, { tokens: number; at: number }>()
  if (perSecond === 0) return { take: () => ({ ok: true, pauseMs: 0 }) }

  /** Full buckets mean nothing: they are dropped when there are many. */
  function forgetFull(time: number): void {
    for (const [user, bucket] of buckets) {
      if (bucket.tokens + ((time - bucket.at) / 1000) * perSecond >= burst) buckets.delete(user)
    }
  }

  return {
    take(user) {
      const time = now()
      let bucket = buckets.get(user)
      if (bucket === undefined) {
        if (buckets.size >= 10_000) forgetFull(time)
        bucket = { tokens: burst, at: time }
        buckets.set(user, bucket)
      }
      const elapsed = Math.max(0, time - bucket.at)
      const tokens = Math.min(burst, bucket.tokens + (elapsed / 1000) * perSecond)
      bucket.at = time
      const debtMs = ((1 - tokens) / perSecond) * 1000
      if (debtMs > MAX_DEBT_MS) {
        bucket.tokens = tokens
        return { ok: false, retryAfterMs: Math.ceil(debtMs - MAX_DEBT_MS) }
      }
      bucket.tokens = tokens - 1
      return { ok: true, pauseMs: Math.max(0, Math.ceil(debtMs)) }
    },
  }
}
