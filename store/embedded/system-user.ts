/** PostgreSQL refuses to run as root: then it runs as the system user `postgres`, or as the owner of its files. */
import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Whom to start programs as. */
export type RunAs = { uid: number; gid: number; name: string }

const NAME = 'postgres'

/** `undefined`: as ourselves, no switch is needed. `cluster`: database files that may exist and have an owner. */
export async function chooseUser(cluster: string): Promise<RunAs | undefined> {
  const owner = await stat(cluster).catch(() => undefined)
  if (process.getuid?.() !== 0) {
    if (owner !== undefined && owner.uid !== process.getuid?.()) {
      throw new Error(
        `The database in ${cluster} belongs to another user (uid ${owner.uid}): start Tidings as that user.`,
      )
    }
    return undefined
  }
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, name: `uid ${owner.uid}` }
  return (await lookUp()) ?? (await addUser())
}

async function lookUp(): Promise<RunAs | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', NAME]), run('id', ['-g', NAME])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout), name: `"${NAME}"` }
  } catch {
    return undefined // no such user
  }
}

async function addUser(): Promise<RunAs> {
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', NAME])
  } catch (cause) {
    throw new Error(
      `PostgreSQL does not run as root, and the system user "${NAME}" could not be made: make it, start Tidings as another user, or set DATABASE_URL.`,
      { cause },
    )
  }
  const user = await lookUp()
  if (user === undefined) throw new Error(`The system user "${NAME}" was made but is not found.`)
  return user
}

/** Whether programs of that user can enter the folder. */
export async function canReach(folder: string, runAs: RunAs | undefined): Promise<boolean> {
  if (runAs === undefined) return true
  const { uid, gid } = runAs
  return run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { uid, gid, cwd: '/' }).then(
    () => true,
    () => false,
  )
}

/** Throws an error that names the first folder on the way that the user cannot enter. */
export async function requireReach(folder: string, runAs: RunAs | undefined): Promise<void> {
  if (runAs === undefined || (await canReach(folder, runAs))) return
  let blocked = folder
  for (let parent = dirname(folder); parent !== '/' && !(await canReach(parent, runAs)); parent = dirname(parent)) {
    blocked = parent
  }
  throw new Error(
    `The database runs as user ${runAs.name}, which cannot enter ${blocked}: allow it (chmod o+x ${blocked}), or set DATA_DIR to a folder that it can reach.`,
  )
}
