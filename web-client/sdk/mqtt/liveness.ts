import { type Encoded, PINGREQ, ProtocolError } from './codec.ts'
import type { Exchanges } from './exchanges.ts'

/** The time as it is given to the client; `setTimeout` in milliseconds, `now` in milliseconds since any moment. */
export interface Clock {
  now(): number
  setTimeout(run: () => void, ms: number): unknown
  clearTimeout(handle: unknown): void
}

/** Finds out whether the other side still answers; an open socket proves nothing. */
export interface Liveness {
  /** Begins the keepalive pings. */
  start(): void
  /** Bytes came in. */
  heard(): void
  /** A PINGRESP came in. Throws ProtocolError when none was due. */
  answered(): void
  /** Resolves with the round trip in milliseconds; no PINGRESP to this very ping within `timeoutMs` is `onSilent`. */
  ping(timeoutMs: number): Promise<number>
  /** Calls `onSilent` unless the returned function is called within `timeoutMs`. */
  expect(timeoutMs: number): () => void
  /** Ends every timer. */
  stop(): void
}

/**
 * Pings after 0.9 of `keepalive` (seconds, 0 = never), so that late timers still keep the interval [MQTT-3.1.2-23]. Any
 * bytes answer such a ping, since on a slow line the PINGRESP waits behind what was sent before it; nothing at all until
 * half a `keepalive` later is `onSilent`: within 1.5 intervals.
 */
export function createLiveness(
  clock: Clock,
  keepalive: number,
  write: (bytes: Encoded) => void,
  hold: Exchanges['hold'],
  onSilent: () => void,
): Liveness {
  const timers = new Set<unknown>()
  const due: (() => void)[] = []
  let cancelDeadline = (): void => {}

  function after(ms: number, run: () => void): () => void {
    const handle = clock.setTimeout(() => {
      timers.delete(handle)
      run()
    }, ms)
    timers.add(handle)
    return () => {
      timers.delete(handle)
      clock.clearTimeout(handle)
    }
  }

  function send(answered: () => void): void {
    due.push(answered)
    write(PINGREQ)
  }

  function start(): void {
    if (keepalive) {
      after(keepalive * 900, () => {
        cancelDeadline()
        cancelDeadline = after(keepalive * 500, onSilent)
        send(() => {})
        start()
      })
    }
  }

  return {
    start,
    heard: () => cancelDeadline(),
    answered() {
      const answered = due.shift()
      if (!answered) throw new ProtocolError('unexpected PINGRESP')
      answered()
    },
    ping: (timeoutMs) =>
      hold((resolve) => {
        const sentAt = clock.now()
        const cancel = after(timeoutMs, onSilent)
        send(() => {
          cancel()
          resolve(clock.now() - sentAt)
        })
      }),
    expect: (timeoutMs) => after(timeoutMs, onSilent),
    stop() {
      for (const handle of timers) clock.clearTimeout(handle)
      timers.clear()
    },
  }
}
