import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { childrenOf } from './process-figures.ts'

export const SERVER_CORE = 0
/** The core of the load generator and of the databases. */
export const LOAD_CORE = 1

/** Whether processes can be pinned here, and if not, why. */
export const pinning: { possible: boolean; obstacle: string } = findPinning()

function findPinning(): { possible: boolean; obstacle: string } {
  if (availableParallelism() < 2) return { possible: false, obstacle: 'this machine has one core' }
  const { status } = spawnSync('taskset', ['--version'], { stdio: 'ignore' })
  return status === 0 ? { possible: true, obstacle: '' } : { possible: false, obstacle: 'taskset is not installed' }
}

/** The command that runs `command` on one core, or the command itself where pinning is not possible. */
export function onCore(core: number, command: string[]): string[] {
  return pinning.possible ? ['taskset', '-c', String(core), ...command] : command
}

/** Moves a running PostgreSQL, its first process and all children, to the core of the load generator. */
export function moveToLoadCore(databasePid: number): void {
  if (!pinning.possible) return
  for (const pid of [databasePid, ...childrenOf(databasePid)]) {
    spawnSync('taskset', ['-a', '-c', '-p', String(LOAD_CORE), String(pid)], { stdio: 'ignore' })
  }
}
