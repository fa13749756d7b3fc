/** A product with a few people, rooms and publishers, whose parts can be hit by faults. */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ChatEvent } from '../../protocol/events.ts'
import { type Product, startProduct } from '../start-product.ts'
import { type Database, databaseIn, type SeparateDatabase, startSeparateDatabase } from './database.ts'
import type { Will } from './mqtt-packets.ts'
import { Publisher } from './publisher.ts'
import type { Random } from './random.ts'

export type Kind = 'embedded' | 'separate'

const USERS = ['anna', 'bertil', 'chris']
export const ROOMS = ['kitchen', 'garden', 'attic']
const PASSWORD = 'nine blue herons at dusk'
/** The faults are to be met at full speed. */
const UNLIMITED = {
  LIMIT_SEND_PER_SECOND: '0',
  LIMIT_REQUESTS_PER_MINUTE: '0',
  LIMIT_LOGIN_PER_MINUTE: '0',
  LOG_LEVEL: 'info',
}

/** Other system users can enter it: as root, the product runs its database as one. */
export async function makeDataDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-faults-'))
  await chmod(directory, 0o755)
  return directory
}

export type Answer = { status: number; body: Record<string, unknown>; ms: number }

export class Town {
  readonly database: Database
  readonly separate: SeparateDatabase | undefined
  product: Product
  readonly publishers: Publisher[] = []
  readonly #tokens = new Map<string, string>()

  private constructor(product: Product, separate: SeparateDatabase | undefined) {
    this.product = product
    this.separate = separate
    this.database = separate ?? databaseIn(join(product.dataDirectory, 'postgres', 'postgres'))
  }

  static async start(kind: Kind): Promise<Town> {
    const separate = kind === 'separate' ? await startSeparateDatabase() : undefined
    const environment = {
      ...UNLIMITED,
      DATA_DIR: await makeDataDirectory(),
      ...(separate !== undefined && { DATABASE_URL: separate.url }),
    }
    const product = await startProduct(environment).catch(async (error: unknown) => {
      await separate?.end()
      throw error
    })
    const town = new Town(product, separate)
    try {
      await town.#settle()
    } catch (error) {
      await town.end()
      throw error
    }
    return town
  }

  async #settle(): Promise<void> {
    for (const user of USERS) {
      const { body } = await this.must('POST', '/api/register', { username: user, password: PASSWORD })
      this.#tokens.set(user, body.accessToken as string)
      this.#tokens.set(`${user} unused`, await this.#createToken(user))
      this.#tokens.set(user, await this.#createToken(user))
    }
    for (const id of ROOMS) {
      await this.must('POST', '/api/rooms', { id, name: id, kind: 'public', members: USERS.slice(1) }, USERS[0])
    }
  }

  async #createToken(user: string): Promise<string> {
    const { body } = await this.must('POST', '/api/me/tokens', { name: 'faults' }, user)
    return body.token as string
  }

  /** Every user with one device that gives its commands ids and one that does not. */
  populate(random: Random, window: { named: number; unnamed: number }): Publisher[] {
    for (const user of USERS) {
      for (const named of [true, false]) {
        const size = named ? window.named : window.unnamed
        this.addPublisher({ user, device: `${user}-${named ? 'named' : 'plain'}`, named, window: size, random })
      }
    }
    return this.publishers
  }

  addPublisher(options: {
    user: string
    device: string
    named: boolean
    window: number
    perTick?: number
    random: Random
    will?: Will
  }): Publisher {
    const token = this.token(options.user)
    const publisher = new Publisher({ ...options, token, port: this.product.mqttPort, rooms: ROOMS })
    this.publishers.push(publisher)
    return publisher
  }

  /** An app token that works. `unused`: one that the product has not seen yet and must look up. */
  token(user: string, state: 'used' | 'unused' = 'used'): string {
    const token = this.#tokens.get(state === 'used' ? user : `${user} unused`)
    if (token === undefined) throw new Error(`nobody is called ${user}`)
    return token
  }

  async request(method: string, path: string, body?: unknown, user?: string): Promise<Answer> {
    const began = performance.now()
    const answer = await fetch(this.product.url + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(user !== undefined && { authorization: `Bearer ${this.token(user)}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? {} : JSON.parse(text), ms: performance.now() - began }
  }

  async must(method: string, path: string, body?: unknown, user?: string): Promise<Answer> {
    const answer = await this.request(method, path, body, user)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer
  }

  async events(room: string, after: number): Promise<ChatEvent[]> {
    const found: ChatEvent[] = []
    for (;;) {
      const from = found.at(-1)?.seq ?? after
      const { body } = await this.must('GET', `/api/messages?room=${room}&after=${from}&limit=500`, undefined, USERS[0])
      found.push(...(body.messages as ChatEvent[]))
      if (body.more !== true) return found
    }
  }

  /** kill -9 of the product's process, then a start on the same data. Answers how long the start took. */
  async killAndRestart(options: { withDatabase?: boolean } = {}): Promise<number> {
    if (options.withDatabase === true) await Promise.all([this.database.kill(), this.product.kill()])
    else await this.product.kill()
    return this.restart()
  }

  async restart(): Promise<number> {
    const began = performance.now()
    this.product = await this.product.restart()
    return performance.now() - began
  }

  /** Resolves when /health/ready says so. */
  async becomes(status: 200 | 503, limitMs = 10_000): Promise<void> {
    for (const began = performance.now(); ; await delay(10)) {
      const answer = await this.request('GET', '/health/ready')
      if (answer.status === status) return
      if (performance.now() - began > limitMs) throw new Error(`/health/ready is not ${status} after ${limitMs} ms`)
    }
  }

  /** Resolves when the product is ready and everybody's new messages are taken; answers how long that took, in ms. */
  async recovers(): Promise<number> {
    const began = performance.now()
    await Promise.all([this.becomes(200), ...this.publishers.map((publisher) => publisher.nextAcknowledgement())])
    return Math.round(performance.now() - began)
  }

  /** Of the product's process, in MB. */
  async memory(): Promise<number> {
    const status = await readFile(`/proc/${this.product.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
  }

  async end(): Promise<void> {
    for (const publisher of this.publishers) publisher.end()
    await this.database.thaw()
    await this.product.stop()
    await this.database.end()
    await rm(this.product.dataDirectory, { recursive: true, force: true, maxRetries: 5 })
  }
}
