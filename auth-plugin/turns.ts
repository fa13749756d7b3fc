import { ChatError } from '../protocol/errors.ts'

/**
 * Lets at most `atOnce` pieces of work run at a time, the others in the order of calls. When `waitingAtMost` wait
 * already, the call rejects with `unavailable`.
 */
export function createTurns(atOnce: number, waitingAtMost: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0

  return async (work) => {
    if (running < atOnce) running++
    else if (waiting.length >= waitingAtMost) throw new ChatError('unavailable', { retryAfterMs: 5_000 })
    else await new Promise<void>((turn) => waiting.push(turn))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
