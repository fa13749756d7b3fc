/** The command line of the operator, as a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { buildServer, root } from '../scripts/prepare.mjs'

export type AdminAnswer = { code: number; output: string[]; errors: string }

/** Runs `npm run admin -- ...words` with these settings. */
export async function runAdmin(
  environment: Record<string, string>,
  words: readonly string[],
  input = '',
): Promise<AdminAnswer> {
  buildServer()
  const { PATH = '', HOME = '', TMPDIR } = process.env
  const child = spawn(process.execPath, [join(root, 'dist', 'server', 'admin.js'), ...words], {
    cwd: root,
    env: { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }), ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(input)
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: code as number, output: output.split('\n').filter((line) => line !== ''), errors }
}
