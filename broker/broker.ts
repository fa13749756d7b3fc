import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import type { WebSocketServer } from 'ws'
import type { AuthPlugin } from '../auth-plugin/index.ts'
import type { Archive, Bus, Cursors, Domain, Log, Marks, MessagePath } from '../domain/index.ts'
import { ChatError } from '../protocol/errors.ts'
import type { RoomState } from '../protocol/events.ts'
import type { RoomId, UserId } from '../protocol/ids.ts'
import { createEngine, type Engine } from './aedes/engine.ts'
import type { Connection, Renew } from './connection.ts'
import { Connections } from './connections.ts'
import { connect } from './hooks/connect.ts'
import { publish } from './hooks/publish.ts'
import { mayHave } from './hooks/subscribe.ts'
import { listenTcp, listenTls, listenWebSocket } from './listeners.ts'
import { createRouter, type Router } from './router/router.ts'

const CONNECT_TIMEOUT_MS = 10_000
/** How long a closing node waits for commits under way. */
const DRAIN_LIMIT_MS = 3_000
/** Expired tokens are looked for this often; a connection outlives its token by so much at most. */
const EXPIRY_CHECK_MS = 1_000

export type BrokerOptions = {
  host: string
  /** 0: no listener of this kind. */
  mqttPort: number
  mqttsPort: number
  tls?: { cert: Buffer; key: Buffer } | undefined
  webSocket?: { http: HttpServer; origin?: string | undefined; addressOf(request: IncomingMessage): string } | undefined
  limits: {
    connectionsPerUser: number
    connectionsPerAddress: number
    subscriptions: number
    packetBytes: number
    unsentBytes: number
  }
}

export type BrokerDeps = {
  log: Log
  bus: Bus
  now(): number
  auth: Pick<AuthPlugin, 'verify' | 'loginGuard'>
  access: Domain['access']
  presence: Domain['presence']
  live: Domain['connections']
  privacy: Domain['privacy']
  sight: Domain['sight']
  messagePath: Pick<MessagePath, 'publish'>
  archive: Pick<Archive, 'read' | 'heads' | 'full' | 'drained'>
  cursors: Cursors
  counts: Marks['counts']
  roomState(room: RoomId): Promise<RoomState | undefined>
  membersOf(room: RoomId): Promise<UserId[]>
}

export interface Broker {
  stats(): ReturnType<Router['stats']> & { connections: number; rejections: ReadonlyMap<string, number> }
  /** Takes nobody new, closes every connection without sending wills, and writes what is left. */
  close(): Promise<void>
}

/** The MQTT door: listeners, the protocol engine behind them, and the router ([DOOR1]). */
export async function createBroker(deps: BrokerDeps, options: BrokerOptions): Promise<Broker> {
  const { log, access, presence } = deps
  const { limits } = options
  const connections = new Connections()
  const rejections = new Map<string, number>()
  const ended = new WeakSet<Connection>()
  let open = true

  const onError = (error: unknown) => {
    const expected = error instanceof ChatError && error.code !== 'internal'
    if (expected) log.warn({ code: error.code }, 'broker: work failed')
    else log.error({ err: error }, 'broker: work failed')
  }

  const router = createRouter({
    bus: deps.bus,
    connections,
    cursors: deps.cursors,
    counts: deps.counts,
    now: deps.now,
    read: (room, after, limit) => deps.archive.read(room, after, limit),
    heads: (rooms) => deps.archive.heads(rooms),
    joinedSeq: (user, room) => access.known(user, room)?.joinedSeq,
    roomState: deps.roomState,
    membersOf: deps.membersOf,
    presenceOf: (viewer, users) => deps.sight.presences(viewer, users),
    privacy: deps.privacy,
    roomsOf: async (user) => {
      const rooms = await access.roomsOf(user)
      if (connections.countOfUser(user) === 0) access.release(user) // asked about one who is gone already
      return rooms
    },
    onError,
  })

  /** A fresh token of the same user takes the place of the old one. */
  const renew: Renew = async (connection, token) => {
    const session = await deps.auth.verify(token)
    if (session.user !== connection.session.user) throw new ChatError('forbidden')
    connection.session = session
    return { expiresAt: session.expiresAt }
  }

  /** In the registry first, so that no note about a membership is missed while the memberships are being read. */
  async function admit(connection: Connection): Promise<void> {
    const { session, device, link } = connection
    const older = connections.ofDevice(session.user, device)
    if (older !== undefined) {
      older.link.close('taken over by a newer connection of the device') // [MQTT-3.1.4-2]
      end(older)
    }
    connections.add(connection)
    deps.live.opened(connection)
    presence.connected(session.user, device)
    try {
      const [rooms] = await Promise.all([access.roomsOf(session.user), deps.privacy.of([session.user])])
      for (const room of rooms.keys()) connection.rooms.add(room)
    } catch (error) {
      end(connection)
      throw error
    }
    log.debug({ transport: link.wire.transport, user: session.user }, 'connected')
  }

  function end(connection: Connection): void {
    if (ended.has(connection)) return
    ended.add(connection)
    const { user } = connection.session
    router.remove(connection)
    const wasLast = connections.remove(connection)
    deps.live.closed(connection)
    presence.disconnected(user, connection.device)
    if (wasLast) access.release(user)
  }

  function reject(code: string): void {
    rejections.set(code, (rejections.get(code) ?? 0) + 1)
  }

  const pressure = {
    get full() {
      return deps.archive.full
    },
    drained: () => deps.archive.drained(),
  }

  const engine: Engine = await createEngine<Connection>(
    {
      connect: (link, request) =>
        connect(link, request, {
          auth: deps.auth,
          connections,
          maxPerUser: limits.connectionsPerUser,
          maxPerAddress: limits.connectionsPerAddress,
          renew,
          isOpen: () => open,
          admitted: admit,
          onError,
        }),
      publish: (connection, packet) =>
        publish(connection, packet, {
          messagePath: deps.messagePath,
          pressure,
          now: deps.now,
          rejected: reject,
          willRefused: ({ session }, code) => log.debug({ user: session.user, code }, 'a will was refused'),
        }),
      mayHave: (connection, topic, place) =>
        mayHave(connection, topic, place, { access, router, maxSubscriptions: limits.subscriptions, now: deps.now }),
      subscribed: (connection, granted) => {
        if (!ended.has(connection)) router.subscribed(connection, granted)
      },
      unsubscribed: (connection, topics) => router.unsubscribed(connection, topics),
      acknowledged: (connection, packetId) => router.acknowledged(connection, packetId),
      drained: (connection) => router.drained(connection),
      closed: (connection, reason) => {
        end(connection)
        log.debug({ user: connection.session.user, reason }, 'disconnected')
      },
    },
    {
      maxPacketBytes: limits.packetBytes,
      maxPacketBytesBeforeConnect: Math.min(limits.packetBytes || 16_384, 16_384),
      maxUnsentBytes: limits.unsentBytes,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      onWarning: (what, fields) => log.error({ err: fields.error }, `broker: ${what}`),
    },
  )

  deps.bus.on('ended', ({ user, credentials }) => {
    for (const connection of connections.of(user)) {
      const { kind, id } = connection.session.credential
      const named = Array.isArray(credentials) && credentials.includes(id)
      if (named || credentials === 'all' || (credentials === 'all-sessions' && kind === 'session'))
        connection.link.close('signed out')
    }
  })

  const expiry = setInterval(() => {
    const now = deps.now()
    for (const { session, link } of [...connections.all()]) {
      if (session.expiresAt !== null && session.expiresAt <= now) link.close('token expired')
    }
  }, EXPIRY_CHECK_MS).unref()

  const servers: Server[] = []
  let webSockets: WebSocketServer | undefined
  if (options.mqttPort > 0) servers.push(await listenTcp(engine.attach, options.host, options.mqttPort))
  if (options.tls !== undefined && options.mqttsPort > 0) {
    servers.push(await listenTls(engine.attach, options.host, options.mqttsPort, options.tls))
  }
  if (options.webSocket !== undefined) {
    const { http, origin, addressOf } = options.webSocket
    webSockets = listenWebSocket(engine.attach, http, {
      path: '/mqtt',
      maxMessageBytes: Math.max(limits.packetBytes * 4, 1_048_576),
      origin,
      addressOf,
    })
  }

  return {
    stats: () => ({ ...router.stats(), connections: connections.size, rejections }),
    async close() {
      open = false
      clearInterval(expiry)
      for (const server of servers) server.close()
      await engine.quiesce(DRAIN_LIMIT_MS)
      webSockets?.close()
      for (const connection of [...connections.all()]) connection.link.close('server is closing')
      await engine.close()
      await router.close()
    },
  }
}
