import { describe } from 'vitest'
import { findProgram, programs, skippedPrograms } from './programs.mjs'

/** A program of the machine that some suites speak to; `npm test` installs it where it may. */
export type TestProgram = keyof typeof programs

/** The absolute path of a program; throws when it is missing, so it is for use inside `describeWith`. */
export function programPath(program: TestProgram): string {
  const path = findProgram(program)
  if (!path) throw new Error(`${programs[program].files[0]} is not installed`)
  return path
}

/** A suite that needs a program: without it the suite is skipped, and its title says why. */
export function describeWith(program: TestProgram, title: string, suite: () => void): void {
  if (findProgram(program)) describe(title, suite)
  else describe.skip(`${title} (skipped: ${skipReason(program)})`, suite)
}

function skipReason(program: TestProgram): string {
  return skippedPrograms().includes(program)
    ? `TIDINGS_SKIP names ${program}`
    : `${programs[program].files[0]} is not installed`
}
