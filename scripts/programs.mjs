// Programs of the machine that some suites speak to: how they are called, and which Debian packages bring them.
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const postgresFolder = '/usr/lib/postgresql'
/** Debian keeps the server's programs off the PATH, a folder for each version. */
const postgresFolders = () =>
  existsSync(postgresFolder) ? readdirSync(postgresFolder).map((version) => join(postgresFolder, version, 'bin')) : []

/** File names best first. */
export const programs = {
  postgres: { files: ['initdb'], packages: ['postgresql'], folders: postgresFolders },
  redis: { files: ['redis-server', 'valkey-server'], packages: ['redis-server'] },
  mosquitto: { files: ['mosquitto_pub'], packages: ['mosquitto-clients'] },
  chromium: {
    files: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    packages: ['chromium', 'fonts-dejavu-core', 'fonts-noto-color-emoji'],
  },
}

/** Programs that `TIDINGS_SKIP` (comma-separated names) leaves out although they may be there.
 * @returns {string[]} */
export function skippedPrograms() {
  return (process.env.TIDINGS_SKIP ?? '').split(',').map((name) => name.trim())
}

/** The absolute path of a program, or undefined. `CHROMIUM_PATH` names a browser that is not on the PATH.
 * @param {keyof typeof programs} name
 * @returns {string | undefined} */
export function findProgram(name) {
  if (skippedPrograms().includes(name)) return undefined
  if (name === 'chromium' && process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH
  return findOnPath(programs[name].files, programs[name].folders?.())
}

/** The first of these files that a folder of the PATH holds and that may be run.
 * @param {string[]} files
 * @param {string[]} [more] folders beside those of the PATH
 * @returns {string | undefined} */
export function findOnPath(files, more = []) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...more]
  return files.flatMap((file) => folders.map((folder) => join(folder, file))).find(isExecutable)
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Not there or not ours to run: the next folder may have it.
    return false
  }
}
