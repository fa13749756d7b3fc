import type { Clock } from '../liveness.ts'

/** A clock that stands still until the test moves it. */
export class FakeClock implements Clock {
  #now = 0
  #nextHandle = 0
  readonly #timers = new Map<number, { at: number; run: () => void }>()

  now(): number {
    return this.#now
  }

  setTimeout(run: () => void, ms: number): number {
    const handle = ++this.#nextHandle
    this.#timers.set(handle, { at: this.#now + ms, run })
    return handle
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(Number(handle))
  }

  /** Timers that have neither run nor been cleared. */
  get armed(): number {
    return this.#timers.size
  }

  /** Moves on by `ms`, running what becomes due in the order of its time. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [due] = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)
      if (!due) break
      const [handle, { at, run }] = due
      this.#timers.delete(handle)
      this.#now = at
      run()
    }
    this.#now = end
  }
}
