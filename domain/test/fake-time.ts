import type { Clock, Timers } from '../time.ts'

type Task = { at: number; run: () => void }

/** A clock and timers that a test moves by hand. */
export function createFakeTime(start = 1_763_652_000_000) {
  let now = start
  const tasks = new Set<Task>()
  const clock: Clock = { now: () => now }
  const timers: Timers = {
    after(ms, run) {
      const task = { at: now + ms, run }
      tasks.add(task)
      return () => void tasks.delete(task)
    },
  }
  return {
    clock,
    timers,
    /** Moves the time on and runs what falls due, in order. */
    advance(ms: number): void {
      const end = now + ms
      for (;;) {
        const [next] = [...tasks].filter((task) => task.at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        tasks.delete(next)
        now = Math.max(now, next.at)
        next.run()
      }
      now = end
    },
  }
}
