/** Time as the domain sees it: injected, so that tests move it by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
}

export interface Timers {
  /** Runs `task` once, `ms` from now; the answer takes it back. */
  after(ms: number, task: () => void): () => void
}

/** Timers of the process. They do not keep it alive: what is pending is finished by `close()`. */
export const systemTimers: Timers = {
  after(ms, task) {
    const timer = setTimeout(task, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
