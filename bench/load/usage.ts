import { coreBusySeconds, cpuSeconds, familyCpuSeconds } from '../servers/process-figures.ts'
import type { LoadPlan } from './plan.ts'

/** Seconds of the clock and of CPU: a reading so far, or what was spent between two. */
export type Usage = {
  seconds: number
  ownSeconds: number
  serverSeconds: number | undefined
  databaseSeconds: number | undefined
  coreSeconds: number[]
}

export function readUsage({ serverPid, databasePid }: LoadPlan): Usage {
  const own = process.cpuUsage()
  return {
    seconds: performance.now() / 1000,
    ownSeconds: (own.user + own.system) / 1e6,
    serverSeconds: serverPid === undefined ? undefined : cpuSeconds(serverPid),
    databaseSeconds: databasePid === undefined ? undefined : familyCpuSeconds(databasePid),
    coreSeconds: coreBusySeconds(),
  }
}

export function spent(before: Usage, after: Usage): Usage {
  const difference = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined ? undefined : to - from
  return {
    seconds: after.seconds - before.seconds,
    ownSeconds: after.ownSeconds - before.ownSeconds,
    serverSeconds: difference(before.serverSeconds, after.serverSeconds),
    databaseSeconds: difference(before.databaseSeconds, after.databaseSeconds),
    coreSeconds: after.coreSeconds.map((seconds, core) => seconds - (before.coreSeconds[core] ?? 0)),
  }
}
