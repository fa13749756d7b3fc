import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverFlags } from '../../scripts/prepare.mjs'
import { moveToLoadCore } from './cores.ts'
import { makeDataFolder } from './data-folder.ts'
import type { Server } from './server.ts'
import { ServerProcess } from './server-process.ts'

const START_SECONDS = 60
const USER = 'bench'
// All load comes from one user at one address. The bounds of memory stay on.
const QUOTAS = [
  'CONNECTIONS_PER_USER',
  'CONNECTIONS_PER_IP',
  'SUBSCRIPTIONS',
  'SEND_PER_SECOND',
  'LOGIN_PER_MINUTE',
  'REQUESTS_PER_MINUTE',
  'REGISTRATIONS_PER_HOUR',
]

export interface TidingsServer extends Server {
  readonly databasePid: number
  /** An HTTP request of the user that all load belongs to. Rejects unless the answer is a 2xx. */
  request(method: string, path: string, body?: object): Promise<unknown>
}

/** The product as `npm start` runs it, in a folder of its own, on its embedded database, without quotas. */
export async function startTidings(): Promise<TidingsServer> {
  const folder = await makeDataFolder()
  const [httpPort, mqttPort] = [await freePort(), await freePort()]
  const server = new ServerProcess('Tidings', [process.execPath, ...serverFlags, join('scripts', 'start.mjs')], {
    ...process.env,
    ...Object.fromEntries(QUOTAS.map((name) => [`LIMIT_${name}`, '0'])),
    HOST: '127.0.0.1',
    HTTP_PORT: String(httpPort),
    MQTT_PORT: String(mqttPort),
    DATA_DIR: folder.path,
    LOG_LEVEL: 'warn',
  })
  const stop = async () => {
    await server.stop()
    await folder.remove()
  }
  try {
    const address = `http://127.0.0.1:${httpPort}`
    await waitUntilReady(address, server)
    const databasePid = await findPostgres(folder.path)
    moveToLoadCore(databasePid)
    const password = await signUp(address)
    const request = (method: string, path: string, body?: object) => ask(`${address}${path}`, method, password, body)
    return {
      name: 'Tidings',
      pid: server.pid,
      databasePid,
      mqttPort,
      webSocketPort: httpPort,
      webSocketPath: '/mqtt',
      speech: {
        subscribeTopic: 'rooms/{room}/messages',
        publishTopic: 'rooms/{room}/send',
        payload: 'command',
        user: USER,
        password,
      },
      prepareRooms: roomMaker(request),
      request,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function waitUntilReady(address: string, server: ServerProcess): Promise<void> {
  const end = Date.now() + START_SECONDS * 1000
  for (;;) {
    const answer = await fetch(`${address}/health/ready`).catch(() => undefined)
    if (answer?.ok) return
    if (server.hasEnded) throw server.failure('ended while it started')
    if (Date.now() > end) throw server.failure(`was not ready within ${START_SECONDS} s`)
    await sleep(100)
  }
}

async function findPostgres(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true })
  const pidFile = files.find((name) => name.endsWith('postmaster.pid'))
  if (pidFile === undefined) throw new Error(`No PostgreSQL runs in ${folder}`)
  return Number.parseInt(await readFile(join(folder, pidFile), 'utf8'), 10)
}

/** An app token: it does not expire during a long run. */
async function signUp(address: string): Promise<string> {
  const account = { username: USER, password: randomBytes(16).toString('base64url') }
  const { accessToken } = (await ask(`${address}/api/register`, 'POST', undefined, account)) as { accessToken: string }
  const { token } = (await ask(`${address}/api/me/tokens`, 'POST', accessToken, { name: 'bench' })) as { token: string }
  return token
}

function roomMaker(request: TidingsServer['request']): Server['prepareRooms'] {
  const made = new Set<string>()
  return async (rooms) => {
    for (const id of rooms) {
      if (!made.has(id)) await request('POST', '/api/rooms', { id, name: id, kind: 'private' })
      made.add(id)
    }
  }
}

async function ask(url: string, method: string, token: string | undefined, body?: object): Promise<unknown> {
  const headers: Record<string, string> = {}
  if (token !== undefined) headers.authorization = `Bearer ${token}`
  if (body !== undefined) headers['content-type'] = 'application/json'
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${url} was answered with ${answer.status}: ${text.slice(0, 300)}`)
  return text === '' ? undefined : JSON.parse(text)
}
