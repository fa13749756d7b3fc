import { readFile } from 'node:fs/promises'
import { until } from './test-server.ts'

/** A server's process and its children. */
async function processesOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return [pid, ...children.split(' ').filter(Boolean).map(Number)]
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // it ended by itself meanwhile
  }
}

/** Ended, though perhaps nobody has asked for its exit code yet. */
async function isGone(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return status === '' || /\) [ZX]/.test(status)
}

/** `kill -9` of a whole server: nothing is written, nobody is told. */
export async function killServer(pid: number): Promise<void> {
  const all = await processesOf(pid)
  for (const one of all) signal(one, 'SIGKILL')
  await until(async () => (await Promise.all(all.map(isGone))).every(Boolean))
}

/** Stops a whole server in the middle of whatever it does. Answers how to let it go on. */
export async function freezeServer(pid: number): Promise<() => void> {
  const all = await processesOf(pid)
  for (const one of all) signal(one, 'SIGSTOP')
  return () => {
    for (const one of all) signal(one, 'SIGCONT')
  }
}
