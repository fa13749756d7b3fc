/** A whole Tidings server of its own, in a process of its own, on a free port, for tests and nothing else. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface RealServer {
  readonly url: string
  /** Ends it as a power cut would; the database is adopted by the next start. */
  kill(): Promise<void>
  /** Starts it again on the same port with the same data. */
  restart(): Promise<void>
  close(): Promise<void>
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

export async function openRealServer(): Promise<RealServer> {
  const data = await mkdtemp(join(tmpdir(), 'tidings-sdk-'))
  // PostgreSQL does not run as root: another user must be able to get there.
  await chmod(data, 0o755)
  let { child, url } = await launch(data, '0')

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }

  return {
    url,
    kill: () => stop('SIGKILL'),
    async restart() {
      ;({ child, url } = await launch(data, new URL(url).port))
    },
    async close() {
      await stop('SIGTERM')
      await rm(data, { recursive: true, force: true })
    },
  }
}

async function launch(data: string, port: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'main.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      DATA_DIR: join(data, 'data'),
      HTTP_PORT: port,
      MQTT_PORT: '0',
      LOG_LEVEL: 'warn',
    },
  })
  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line))
  const url = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      const found = /^Tidings is at (\S+)/.exec(line)?.[1]
      if (found) resolve(found)
    })
    child.once('close', () => reject(new Error(`The server did not start:\n${lines.join('\n')}`)))
  })
  return { child, url: await url }
}
