/**
 * Counters that bound how often something is done. In memory, or in Redis for all nodes together; then each node counts
 * alone for as long as Redis is away, so that losing it neither opens nor closes anything ([LIM7]).
 */
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'

/** Of one key after counting: `used` times in the present window, which ends in `msLeft`. */
export type Count = { used: number; msLeft: number }

/** The keys of one counter. Without a count there is nothing to know: `undefined`. */
export interface Counter {
  /** Counts once more, whatever the limit is. */
  add(key: string): Promise<Count>
  /** Takes one back. */
  takeBack(key: string): Promise<void>
  get(key: string): Promise<Count | undefined>
  /** From now on the key counts as used once, for so long. */
  hold(key: string, seconds: number): Promise<void>
  forget(key: string): Promise<void>
}

/** `name`: no two counters of a process have the same. Windows begin with the first count of a key. */
export type OpenCounter = (name: string, seconds: number) => Counter

/** A client of Redis, such as ioredis makes: of this, only that it is there is looked at here. */
export type RedisClient = object

/** Without a client, in the memory of this process. */
export function createCounters(redis?: RedisClient): OpenCounter {
  return (name, seconds) => {
    // No points: whoever asks decides what is too much.
    const options = { keyPrefix: `tidings-limit:${name}`, points: Number.MAX_SAFE_INTEGER, duration: seconds }
    const memory = new RateLimiterMemory(options)
    const limiter =
      redis === undefined
        ? memory
        : new RateLimiterRedis({
            ...options,
            storeClient: redis,
            insuranceLimiter: memory,
            rejectIfRedisNotReady: true,
          })
    return {
      async add(key) {
        const { consumedPoints, msBeforeNext } = await limiter.penalty(key)
        return { used: consumedPoints, msLeft: msBeforeNext }
      },
      takeBack: async (key) => void (await limiter.reward(key)),
      async get(key) {
        const found = await limiter.get(key)
        return found === null ? undefined : { used: found.consumedPoints, msLeft: found.msBeforeNext }
      },
      hold: async (key, forSeconds) => void (await limiter.set(key, 1, forSeconds)),
      forget: async (key) => void (await limiter.delete(key)),
    }
  }
}
