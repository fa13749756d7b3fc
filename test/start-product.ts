/** Starts the product as a user would have it: its own process, its own database, free ports, an empty folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buildServer, root, serverFlags } from '../scripts/prepare.mjs'

export type Product = {
  /** Such as `http://127.0.0.1:41234`. */
  url: string
  mqttPort: number
  pid: number
  dataDirectory: string
  /** What was logged, line by line. */
  log: string[]
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL to the process alone: its database goes on, as after a crash. */
  kill(): Promise<void>
  /** Starts it again on the same data and the same ports. */
  restart(environment?: Record<string, string>): Promise<Product>
}

/** `environment`: settings on top of the defaults; ports and DATA_DIR are chosen here unless given. */
export async function startProduct(environment: Record<string, string> = {}): Promise<Product> {
  buildServer()
  const given = environment.DATA_DIR
  const dataDirectory = given ?? (await makeDataDirectory())
  const MQTT_PORT = environment.MQTT_PORT ?? String(await findFreePort())
  const settings = { HTTP_PORT: '0', LOG_LEVEL: 'info', ...environment, MQTT_PORT, DATA_DIR: dataDirectory }
  const child = spawn(
    process.execPath,
    [...serverFlags, '--enable-source-maps', join(root, 'dist', 'server', 'main.js')],
    {
      cwd: root,
      env: { ...cleanEnvironment(), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const log: string[] = []
  const where = await Promise.race([readPorts(child, log), failed(child, log)])
  const ports = { HTTP_PORT: String(new URL(where.url).port), MQTT_PORT: String(where.mqttPort) }

  return {
    ...where,
    pid: child.pid as number,
    dataDirectory,
    log,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      if (given === undefined) await rm(dataDirectory, { recursive: true, force: true })
      return child.exitCode
    },
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
    async restart(more = {}) {
      const next = await startProduct({ ...environment, ...ports, ...more, DATA_DIR: dataDirectory })
      return {
        ...next,
        async stop() {
          const code = await next.stop()
          if (given === undefined) await rm(dataDirectory, { recursive: true, force: true })
          return code
        },
      }
    },
  }
}

/** PostgreSQL does not run as root: as root its files belong to another user, who must be able to reach them. */
async function makeDataDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-'))
  await chmod(directory, 0o755)
  return directory
}

/** Free a moment ago, which is as good as it gets: MQTT_PORT 0 means no listener. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Nothing of the machine's own settings reaches the product. */
function cleanEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '', LANG = 'C.UTF-8', TMPDIR } = process.env
  return { PATH, HOME, LANG, ...(TMPDIR !== undefined && { TMPDIR }) }
}

async function readPorts(child: ChildProcess, log: string[]): Promise<{ url: string; mqttPort: number }> {
  return new Promise((resolve) => {
    let url: string | undefined
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on('line', (line) => {
        log.push(line)
        url ??= /^Tidings is at (http:\S+)/.exec(line)?.[1]
        const mqtt = /MQTT at \S+:(\d+)/.exec(line)?.[1]
        if (url !== undefined && mqtt !== undefined) resolve({ url, mqttPort: Number(mqtt) })
      })
    }
  })
}

async function failed(child: ChildProcess, log: string[]): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`the product ended with ${code} before it was ready:\n${log.slice(-20).join('\n')}`)
}
