/**
 * The other side of the SDK, as a script: HTTP requests and MQTT packets wait in queues until the test lets them through.
 * It keeps rooms with real logs, so that a test can state what must be true in the end.
 */
import type { Packet } from 'mqtt-packet'
import type { ErrorCode } from '../../../protocol/errors.ts'
import { errorCatalogue } from '../../../protocol/errors.ts'
import type { ChatEvent, HistoryPage, RoomState } from '../../../protocol/events.ts'
import type { SyncRoom } from '../../../protocol/http.ts'
import type { CommandId, RoomId, UserId } from '../../../protocol/ids.ts'
import { defaultSettings } from '../../../protocol/room-settings.ts'
import { FakeClock } from '../mqtt/test/fake-clock.ts'
import { FakeServer } from '../mqtt/test/fake-server.ts'
import type { Fetch, OpenTransport } from '../ports.ts'
import { alice, bob, created, joined, seq } from './events.ts'

type Command = { type: string; id?: string; text?: string; seq?: number; emoji?: string; [field: string]: unknown }
type ScriptedRoom = { info: SyncRoom; events: ChatEvent[]; epoch: number }
type HttpCall = { method: string; path: string; body: Record<string, unknown>; token: string | undefined }
type Rejected = { code: ErrorCode; retryAfterMs?: number }
type Link = { socket: FakeServer; handled: number; alive: boolean }

const PAST: Record<string, string> = {
  message: 'message',
  edit: 'edited',
  delete: 'deleted',
  react: 'reacted',
  unreact: 'unreacted',
  pin: 'pinned',
  unpin: 'unpinned',
}

export const ops = 'ops' as RoomId

export class ScriptedServer {
  readonly clock = new FakeClock()
  readonly rooms = new Map<RoomId, ScriptedRoom>()
  readonly links: Link[] = []
  readonly calls: HttpCall[] = []
  /** The only valid access token; each refresh makes the next one. */
  token = 0
  tokenSeconds = 900
  /** CONNACK return codes of the next attempts. */
  connacks: number[] = []
  /** HTTP requests are lost. */
  httpDown = false
  /** A socket that opens and says nothing. */
  silent = false
  /** The refresh token is worth nothing any more. */
  sessionEnded: ErrorCode | undefined
  /** What to say to a command instead of taking it; 'lose': take it, then cut the line before anything is answered. */
  judge: (command: Command) => Rejected | 'lose' | 'lose-before' | 'mute' | undefined = () => undefined
  /** An answer that was made arrives only after this. */
  hold: (call: HttpCall) => Promise<void> | undefined = () => undefined
  #waiting: (() => void)[] = []

  constructor() {
    this.addRoom(ops)
  }

  addRoom(id: RoomId, change: Partial<SyncRoom> = {}): ScriptedRoom {
    const events = [created(1), joined(2)]
    const info: SyncRoom = {
      id,
      name: id.toUpperCase(),
      topicLine: '',
      kind: 'public',
      head: 2,
      epoch: 1,
      members: 2,
      settings: defaultSettings('public'),
      createdAt: 1,
      role: 'member',
      read: 2,
      delivered: 2,
      unread: 0,
      mentions: 0,
      ...change,
    }
    const room = { info, events, epoch: 1 }
    this.rooms.set(id, room)
    return room
  }

  room(id: RoomId = ops): ScriptedRoom {
    const room = this.rooms.get(id)
    if (!room) throw new Error(`no room ${id}`)
    return room
  }

  /** An event enters the log; who is connected gets it, unless the test wants it lost on the way. */
  append(make: (seq: number) => ChatEvent, options: { id?: RoomId; lost?: boolean } = {}): ChatEvent {
    const room = this.room(options.id)
    const event = make(room.events.length + 1)
    room.events.push(event)
    if (!options.lost) this.tell(`rooms/${options.id ?? ops}/messages`, event)
    return event
  }

  say(text: string, options: { id?: RoomId; lost?: boolean; from?: UserId; mentions?: UserId[] } = {}): ChatEvent {
    const { from = bob, mentions } = options
    return this.append(
      (at) => ({ seq: seq(at), at: at * 1000, from, type: 'message', text, ...(mentions && { mentions }) }),
      options,
    )
  }

  tell(topic: string, payload: unknown): void {
    for (const { socket, alive } of this.links) {
      if (alive)
        socket.send({ cmd: 'publish', topic, payload: JSON.stringify(payload), qos: 0, dup: false, retain: false })
    }
  }

  readonly openTransport: OpenTransport = (handlers) => {
    const socket = new FakeServer()
    const link = { socket, handled: -1, alive: false }
    this.links.push(link)
    return socket.openTransport(handlers)
  }

  readonly fetch: Fetch = async (url, { method, body, headers, signal }) => {
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push(resolve)
      signal.addEventListener('abort', () => reject(new Error('aborted')))
    })
    if (this.httpDown) throw new TypeError('network')
    const call = {
      method,
      path: url.replace('http://test/api', ''),
      body: (body === undefined ? {} : JSON.parse(String(body))) as Record<string, unknown>,
      token: headers.authorization?.slice('Bearer '.length),
    }
    this.calls.push(call)
    const answer = structuredClone(this.#answer(call))
    await this.hold(call)
    const status = isFailure(answer) ? errorCatalogue[answer.error.code].status : 200
    return { status, headers: { get: () => null }, text: async () => JSON.stringify(answer) }
  }

  /** The network drops every socket. */
  drop(): void {
    for (const link of this.links) {
      if (!link.alive) continue
      link.alive = false
      link.socket.drop()
    }
  }

  /** Lets everything through until nobody says anything any more. */
  async run(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      await new Promise(setImmediate)
      quiet = this.step() ? 0 : quiet + 1
    }
  }

  /** Lets through what waits now; whether there was anything. */
  step(): boolean {
    const waiting = this.#waiting.splice(0)
    for (const go of waiting) go()
    return this.links.map((link) => this.#serve(link)).some(Boolean) || waiting.length > 0
  }

  count(path: string): number {
    return this.calls.filter((call) => call.path.startsWith(path)).length
  }

  /** The commands that came in over MQTT on every connection so far. */
  get commands(): Command[] {
    return this.published('/send')
  }

  published(end: string): Command[] {
    return this.links.flatMap(({ socket }) =>
      socket.of('publish').flatMap(({ topic, payload }) => (topic.endsWith(end) ? [JSON.parse(String(payload))] : [])),
    )
  }

  #serve(link: Link): boolean {
    if (link.socket.closedByClient) link.alive = false
    if (link.handled < 0) {
      link.handled = 0
      link.alive = true
      link.socket.open()
      return true
    }
    const fresh = link.socket.received.slice(link.handled)
    link.handled += fresh.length
    if (!this.silent) for (const packet of fresh) if (link.alive) this.#take(link, packet)
    return fresh.length > 0
  }

  #take(link: Link, packet: Packet): void {
    const { socket } = link
    switch (packet.cmd) {
      case 'connect': {
        const isKnown = String(packet.password) === `t${this.token}`
        const returnCode = this.connacks.shift() ?? (isKnown ? 0 : 5)
        socket.send({ cmd: 'connack', returnCode, sessionPresent: false })
        if (returnCode !== 0) link.alive = false
        break
      }
      case 'subscribe': {
        socket.send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: packet.subscriptions.map(() => 0) })
        for (const { info, events, epoch } of this.rooms.values()) {
          const { id: room, name, topicLine, kind, members, settings } = info
          const state: RoomState = { id: room, name, topicLine, kind, members, settings, head: events.length, epoch }
          if (info.role) this.tell(`rooms/${room}/state`, state)
        }
        break
      }
      case 'pingreq':
        socket.send({ cmd: 'pingresp' })
        break
      case 'publish':
        this.#publish(link, packet.topic, JSON.parse(String(packet.payload)), packet.messageId ?? 0)
        break
    }
  }

  #publish(link: Link, topic: string, payload: Command, messageId: number): void {
    const [, id = '', leaf] = topic.split('/')
    const replies = `users/alice/devices/d/replies`
    if (leaf === 'send') {
      const verdict = this.judge(payload)
      if (verdict === 'mute') return
      if (verdict === 'lose' || verdict === 'lose-before') {
        link.alive = false
        if (verdict === 'lose') this.archive(id as RoomId, payload)
        link.socket.drop()
        return
      }
      if (verdict) this.tell(replies, { type: 'rejected', id: payload.id, topic, message: 'no', ...verdict })
      else this.archive(id as RoomId, payload)
    }
    if (leaf === 'requests') this.tell(replies, { type: 'reply', id: payload.id, ok: true, result: { got: payload } })
    if (messageId) link.socket.send({ cmd: 'puback', messageId })
  }

  /** The same command id gives the same event. */
  archive(id: RoomId, { id: command, seq: target, ...rest }: Command): ChatEvent {
    const known = this.room(id).events.find((event) => event.id === command && event.from === alice)
    if (known) return known
    const type = PAST[rest.type] ?? rest.type
    return this.append(
      (at) =>
        ({
          ...rest,
          seq: seq(at),
          at: at * 1000,
          from: alice,
          type,
          id: command as CommandId,
          ...(target && { target }),
        }) as ChatEvent,
      { id },
    )
  }

  #answer({ method, path, body, token }: HttpCall): object | Failure {
    const [route = '', query = ''] = path.split('?')
    if (route === '/login' || route === '/register' || route === '/refresh') {
      if (this.sessionEnded) return fail(this.sessionEnded)
      if (body.password === 'wrong') return fail('invalid_credentials')
      this.token++
      const accessToken = `t${this.token}`
      const user = { id: alice, displayName: 'Alice' }
      return { user, accessToken, expiresIn: this.tokenSeconds, refreshToken: `r${this.token}` }
    }
    if (token !== `t${this.token}`) return fail('token_expired')
    if (route === '/sync') {
      const me = { id: alice, displayName: 'Alice', createdAt: 1 }
      const rooms = [...this.rooms.values()].filter(({ info }) => info.role).map((room) => toSyncRoom(room))
      return { me, rooms, users: [{ id: bob, displayName: 'Bob' }] }
    }
    if (route === '/catch-up') {
      const asked = Object.entries(body.rooms as Record<RoomId, number>)
      const known = asked.filter(([id]) => this.rooms.get(id as RoomId)?.info.role)
      const pages = known.map(([id, after]) => [id, this.#page(id as RoomId, { after, limit: body.limit as number })])
      return { rooms: Object.fromEntries(pages) }
    }
    if (route === '/messages' && method === 'GET') {
      const values = new URLSearchParams(query)
      const number = (name: string) => (values.has(name) ? { [name]: Number(values.get(name)) } : {})
      return this.#page(values.get('room') as RoomId, {
        limit: 50,
        ...number('after'),
        ...number('before'),
        ...number('limit'),
      })
    }
    if (route === '/messages') {
      const { room, ...command } = body
      const { seq: at, id } = this.archive(room as RoomId, command as Command)
      return { seq: at, id, at: 1 }
    }
    if (route.startsWith('/users/')) return { id: route.slice('/users/'.length), displayName: `Mx ${route.slice(7)}` }
    const room = this.rooms.get(route.split('/')[2] as RoomId)
    if (room && method === 'GET') return toSyncRoom(room)
    if (room && route.endsWith('/leave')) {
      const { role: _, ...rest } = room.info
      room.info = rest
      return {}
    }
    return fail('not_found')
  }

  #page(id: RoomId, query: { after?: number; before?: number; limit: number }): HistoryPage {
    const { events, epoch } = this.room(id)
    const { after = 0, before = Number.POSITIVE_INFINITY, limit } = query
    const range = events.filter((event) => event.seq > after && event.seq < before)
    const messages = query.after === undefined ? range.slice(-limit) : range.slice(0, limit)
    const inside = new Set<number>(messages.map((event) => event.seq))
    const related = events.filter((event) => 'target' in event && inside.has(event.target) && !inside.has(event.seq))
    return { messages, related, head: events.length, epoch, more: messages.length < range.length }
  }
}

type Failure = { error: { code: ErrorCode; message: string } }
const isFailure = (answer: object): answer is Failure => 'error' in answer
const fail = (code: ErrorCode): Failure => ({ error: { code, message: errorCatalogue[code].message } })

function toSyncRoom({ info, events, epoch }: ScriptedRoom): SyncRoom {
  const last = events.filter(({ type }) => type === 'message').at(-1)
  return { ...info, head: events.length, epoch, ...(last && { last }) }
}
