/** The files of our own server: made once, whole or not at all; and the folder of its socket. */
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chown, lstat, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Binaries } from './binaries.ts'
import { isAlive } from './postmaster.ts'
import { clusterArguments } from './settings.ts'
import type { RunAs } from './system-user.ts'

/** Programs of ours get no environment but this: `PG...` variables of the caller would change what they do. */
export const ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** `sun_path` of a Unix socket address holds 107 bytes; 103 on macOS. */
const MAX_SOCKET_PATH = 103

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Runs `initdb` unless it was done before. Two processes at once: one of them wins, both find the result. */
export async function prepareCluster(cluster: string, binaries: Binaries, runAs: RunAs | undefined): Promise<void> {
  await removeDrafts(cluster)
  if (await exists(join(cluster, 'PG_VERSION'))) return
  const draft = `${cluster}.new-${process.pid}-${randomBytes(4).toString('hex')}`
  await mkdir(draft, { mode: 0o700 })
  if (runAs !== undefined) await chown(draft, runAs.uid, runAs.gid)
  try {
    await promisify(execFile)(binaries.initdb, clusterArguments(draft), {
      env: ENVIRONMENT,
      cwd: '/',
      ...(runAs !== undefined && { uid: runAs.uid, gid: runAs.gid }),
    })
    await rename(draft, cluster)
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    if (await exists(join(cluster, 'PG_VERSION'))) return
    const said = (cause as { stderr?: string }).stderr?.trim() || (cause as Error).message
    throw new Error(`The database could not be made in ${cluster} (${said}). DATABASE_URL names another server.`, {
      cause,
    })
  }
}

async function removeDrafts(cluster: string): Promise<void> {
  const prefix = `${basename(cluster)}.new-`
  for (const name of await readdir(dirname(cluster))) {
    if (!name.startsWith(prefix) || isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue
    await rm(join(dirname(cluster), name), { recursive: true, force: true })
  }
}

/** The data directory itself, or a private folder with a short name when the path is too long for a socket. */
export async function socketDirectoryFor(cluster: string, runAs: RunAs | undefined): Promise<string> {
  if (Buffer.byteLength(join(cluster, '.s.PGSQL.5432')) <= MAX_SOCKET_PATH) return cluster
  const short = join(tmpdir(), `tidings-${createHash('sha256').update(cluster).digest('hex').slice(0, 16)}`)
  const owner = runAs?.uid ?? process.getuid?.() ?? -1
  await mkdir(short, { mode: 0o700 }).then(
    async () => {
      if (runAs !== undefined) await chown(short, runAs.uid, runAs.gid)
    },
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error // what is there is looked at below
    },
  )
  const found = await lstat(short)
  if (!found.isDirectory() || found.uid !== owner || (found.mode & 0o077) !== 0) {
    throw new Error(`${short} is needed for the database's socket, but belongs to somebody else: remove it.`)
  }
  return short
}
