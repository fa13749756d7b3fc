import { Worker } from 'node:worker_threads'

// Atomics.wait sleeps to the microsecond, timers only to the millisecond, which would show as latency.
const ticking = `
const { parentPort, workerData } = require('node:worker_threads')
const never = new Int32Array(new SharedArrayBuffer(4))
const start = performance.now()
for (let tick = 1; ; tick += 1) {
  const wait = start + tick * workerData - performance.now()
  if (wait > 0) Atomics.wait(never, 0, 0, wait)
  parentPort.postMessage(tick)
}`

/** Calls `onTick` at a steady pace until stopped; a tick that came late is not dropped. */
export function startPacer(intervalMilliseconds: number, onTick: () => void): { stop: () => Promise<void> } {
  const worker = new Worker(ticking, { eval: true, workerData: intervalMilliseconds, execArgv: [] })
  worker.on('message', onTick)
  return {
    async stop() {
      worker.off('message', onTick)
      await worker.terminate()
    },
  }
}
