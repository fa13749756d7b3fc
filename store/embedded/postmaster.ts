/** What is known of a running server from the file that it keeps in its data directory. */

import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

export type Postmaster = { pid: number; port: number; socketDirectory: string; ready: boolean }

const pidFile = (cluster: string) => join(cluster, 'postmaster.pid')

/** Reads `postmaster.pid`; `undefined` when there is none, or it is being written. */
export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(pidFile(cluster), 'utf8').catch(() => '')
  const [pid = '', , , port = '', socketDirectory = '', , , status = ''] = text.split('\n')
  if (!/^\d+$/.test(pid)) return undefined
  return { pid: Number(pid), port: Number(port), socketDirectory, ready: status.trim() === 'ready' }
}

/** Whether a process of that id exists; that of another user counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether the process is a PostgreSQL server of this data directory: process ids are used again. */
export async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false
  const [program = '', ...words] = await commandLine(pid)
  return /^postgres(:|$)/.test(basename(program)) && words.includes(cluster)
}

async function commandLine(pid: number): Promise<string[]> {
  if (process.platform === 'linux') {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return line.split('\0')
  }
  const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }))
  return stdout.trim().split(' ')
}

/**
 * A lock file of a server that is gone keeps a new one from starting while its process id exists: it is another
 * program's by now, or nobody has taken note of the end yet. PostgreSQL ignores its parent's id, so that is put in; the
 * rest stays, for it guards against surviving children.
 */
export async function disownLockFiles(cluster: string, socketDirectory: string): Promise<void> {
  for (const file of [pidFile(cluster), join(socketDirectory, '.s.PGSQL.5432.lock')]) {
    const text = await readFile(file, 'utf8').catch(() => '')
    const pid = Number(/^\d+/.exec(text)?.[0] ?? 0)
    if (pid === 0 || !isAlive(pid) || (await isServerOf(cluster, pid))) continue
    await writeFile(file, text.replace(/^\d+/, String(process.pid)))
  }
}
