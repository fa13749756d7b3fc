import { readdirSync, readFileSync } from 'node:fs'

// USER_HZ: 100 on every Linux that Node runs on.
const TICK_SECONDS = 0.01

/** CPU time (user and system) of one process so far, in seconds; undefined where there is no /proc or no such process. */
export function cpuSeconds(pid: number): number | undefined {
  const fields = statFields(pid)
  return fields && (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS
}

/** The same of a process with its living and its reaped children, such as PostgreSQL and its backends. */
export function familyCpuSeconds(pid: number): number | undefined {
  const own = statFields(pid)
  if (!own) return undefined
  const sum = (fields: string[]) => fields.slice(11, 15).reduce((total, ticks) => total + Number(ticks), 0)
  const children = childrenOf(pid).map((child) => statFields(child) ?? [])
  return [own, ...children].reduce((total, fields) => total + sum(fields), 0) * TICK_SECONDS
}

/** The process ids of the direct children. */
export function childrenOf(pid: number): number[] {
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return names.map(Number).filter((other) => Number(statFields(other)?.[1]) === pid)
}

/** Resident bytes of one process. */
export function residentBytes(pid: number): number | undefined {
  return kilobytes(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB/m)
}

/** Proportional bytes of a process and its children: what PostgreSQL's processes share is counted once. */
export function familyProportionalBytes(pid: number): number | undefined {
  const sizes = [pid, ...childrenOf(pid)].map((each) => kilobytes(`/proc/${each}/smaps_rollup`, /^Pss:\s+(\d+) kB/m))
  return sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined
}

/** Busy seconds of each core so far; empty where there is no /proc. */
export function coreBusySeconds(): number[] {
  const lines = (readText('/proc/stat') ?? '').match(/^cpu\d+ .*$/gm) ?? []
  return lines.map((line) => {
    const ticks = line.split(/\s+/).slice(1).map(Number)
    const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] = ticks
    return (user + nice + system + interrupts + softInterrupts) * TICK_SECONDS
  })
}

// From the third field (state) on: 1 is the parent, 11 to 14 are utime, stime, cutime and cstime.
function statFields(pid: number): string[] | undefined {
  const text = readText(`/proc/${pid}/stat`)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}

function kilobytes(path: string, pattern: RegExp): number | undefined {
  const size = readText(path)?.match(pattern)?.[1]
  return size === undefined ? undefined : Number(size) * 1024
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The process has ended meanwhile, or this is no Linux.
    return undefined
  }
}
