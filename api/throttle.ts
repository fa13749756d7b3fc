import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ChatError } from '../protocol/errors.ts'

/** Counts a request against its address (IPv6: its /64). Throws `rate_limited` above the limit. */
export type Throttle = (request: FastifyRequest) => Promise<void>

const MINUTE_MS = 60_000

/**
 * A limit per address for requests without a valid credential, 0 = none. Requests of people signed in are not
 * counted: many of them may share one address. Failed sign-ins have a stricter limit of their own in the domain.
 */
export async function createThrottle(app: FastifyInstance, perMinute: number): Promise<Throttle> {
  if (perMinute === 0) return async () => {}
  await app.register(rateLimit, { global: false, max: perMinute, timeWindow: MINUTE_MS })
  const count = app.createRateLimit()
  return async (request) => {
    const limit = await count(request)
    if (!limit.isAllowed && limit.isExceeded) throw new ChatError('rate_limited', { retryAfterMs: limit.ttl })
  }
}
