/** A product with a few people and rooms in it. */
import { type Product, startProduct } from '../start-product.ts'
import { type ConnectOptions, RawClient } from './raw-client.ts'

const PASSWORD = 'nine blue herons at dusk'

export type Answer = { status: number; body: Record<string, unknown> }

export class Town {
  product: Product
  readonly #tokens = new Map<string, string>()
  readonly #clients = new Set<RawClient>()

  private constructor(product: Product) {
    this.product = product
  }

  /** `rooms`: private ones, with their members; the first is the owner. */
  static async open(options: {
    users: string[]
    rooms?: Record<string, string[]>
    environment?: Record<string, string>
  }): Promise<Town> {
    const town = new Town(await startProduct(options.environment))
    try {
      await Promise.all(options.users.map((user) => town.register(user)))
      for (const [id, members] of Object.entries(options.rooms ?? {})) await town.makeRoom(id, members)
    } catch (error) {
      await town.close()
      throw error
    }
    return town
  }

  async register(user: string): Promise<void> {
    const { body } = await this.must('POST', '/api/register', { username: user, password: PASSWORD })
    this.#tokens.set(user, body.accessToken as string)
  }

  /** A second sign-in of a user: the access token of a session of its own. */
  async signIn(user: string): Promise<{ accessToken: string; refreshToken: string }> {
    const { body } = await this.must('POST', '/api/login', { username: user, password: PASSWORD })
    return body as { accessToken: string; refreshToken: string }
  }

  /** The same for what is asked in the user's name from now on. */
  async signInAgain(user: string): Promise<void> {
    this.#tokens.set(user, (await this.signIn(user)).accessToken)
  }

  async makeRoom(id: string, [owner, ...members]: string[], kind: 'public' | 'private' = 'private'): Promise<void> {
    await this.must('POST', '/api/rooms', { id, name: id, kind, members }, owner)
  }

  /** The access token that a user got at registration. */
  token(user: string): string {
    const token = this.#tokens.get(user)
    if (token === undefined) throw new Error(`nobody is called ${user}`)
    return token
  }

  /** Makes an app token; answers it and its id. */
  async appToken(user: string, fields: object = {}): Promise<{ id: string; token: string }> {
    const { body } = await this.must('POST', '/api/me/tokens', { name: 'test', ...fields }, user)
    return body as { id: string; token: string }
  }

  async request(method: string, path: string, body?: unknown, user?: string): Promise<Answer> {
    const answer = await fetch(this.product.url + path, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(user !== undefined && { authorization: `Bearer ${this.#tokens.get(user) ?? user}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? {} : JSON.parse(text) }
  }

  async must(method: string, path: string, body?: unknown, user?: string): Promise<Answer> {
    const answer = await this.request(method, path, body, user)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer
  }

  /** Removes a member in the name of another. */
  async remove(room: string, user: string, by: string): Promise<void> {
    await this.must('DELETE', `/api/rooms/${room}/members/${user}`, undefined, by)
  }

  /** The whole log of a room, as one of its members reads it. */
  async log(room: string, reader: string): Promise<LogEntry[]> {
    const found: LogEntry[] = []
    for (;;) {
      const after = found.at(-1)?.seq ?? 0
      const { body } = await this.must('GET', `/api/messages?room=${room}&after=${after}&limit=500`, undefined, reader)
      found.push(...(body.messages as LogEntry[]))
      if (body.more !== true) return found
    }
  }

  /** A connection that has not said anything yet. */
  async open(transport: 'tcp' | 'websocket' = 'tcp', port?: number): Promise<RawClient> {
    const target = transport === 'tcp' ? (port ?? this.product.mqttPort) : this.product.url
    const client = await RawClient.open(target)
    this.#clients.add(client)
    return client
  }

  /** A user's connection, accepted by the server. */
  async connect(
    user: string,
    options: Partial<ConnectOptions> & { transport?: 'tcp' | 'websocket'; port?: number } = {},
  ): Promise<RawClient> {
    const { transport, port, ...rest } = options
    const client = await this.open(transport, port)
    const code = await client.connect({ username: user, password: this.#tokens.get(user) ?? '', ...rest })
    if (code !== 0) throw new Error(`CONNACK ${code}`)
    return client
  }

  /** Ends every connection that was opened here. */
  hangUp(): void {
    for (const client of this.#clients) client.destroy()
    this.#clients.clear()
  }

  /** As after a crash: the process is gone without a word, and comes back on its data. */
  async crash(): Promise<void> {
    this.hangUp()
    await this.product.kill()
    this.product = await this.product.restart()
  }

  async close(): Promise<void> {
    this.hangUp()
    await this.product.stop()
  }
}

export type LogEntry = {
  seq: number
  type: string
  from: string
  at: number
  id?: string
  text?: string
  target?: number
  user?: string
  deleted?: boolean
}
