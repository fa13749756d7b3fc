import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { LOAD_CORE, onCore } from '../servers/cores.ts'
import type { LoadPlan, LoadResult } from './plan.ts'

/** Runs the load generator in a process of its own, on its core. */
export async function generateLoad(plan: LoadPlan): Promise<LoadResult> {
  const program = join(import.meta.dirname, 'main.ts')
  const command = [process.execPath, '--import', 'tsx', program, JSON.stringify(plan)]
  const [first = '', ...args] = onCore(LOAD_CORE, command)
  const child = spawn(first, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  process.off('exit', end)
  if (code !== 0) throw new Error(`the load generator ended with ${code}`)
  return JSON.parse(output) as LoadResult
}
