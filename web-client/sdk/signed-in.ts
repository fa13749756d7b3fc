/**
 * Everything that exists for one signed-in user: rooms, people, the connection, and how they play together. A little
 * long, for this is the one place where they are tied to each other.
 */
import type { ChatError } from '../../protocol/errors.ts'
import type { ChatEvent } from '../../protocol/events.ts'
import type { Me, Sync } from '../../protocol/http.ts'
import type { DeviceId, RoomId, UserId } from '../../protocol/ids.ts'
import type { Notice, Status } from '../../protocol/presence.ts'
import type { Accepted, Rejection, Reply } from '../../protocol/requests.ts'
import {
  memberTyping,
  myRooms,
  ownReplies,
  roomState,
  roomView,
  userInbox,
  userRequests,
  userStatus,
} from '../../protocol/topics.ts'
import { type Connection, createConnection } from './connection.ts'
import { readError } from './http-client.ts'
import { createLogReader, type LogReader } from './log-reader.ts'
import { makeId } from './make-id.ts'
import { createMarks, type Marks } from './marks.ts'
import type { Outbox } from './outbox.ts'
import type { Options, Ports } from './ports.ts'
import { receive } from './receive.ts'
import { createRequests, type Requests } from './requests.ts'
import type { Room } from './room.ts'
import { createRooms, type Rooms } from './rooms.ts'
import type { Session } from './session.ts'
import type { ConnectionState, User } from './snapshot.ts'
import { createUsers, type Users } from './users.ts'

/** Away for longer, what others did to my rooms and marks is asked for too, not only the events. */
const STALE_MS = 60_000
/** In larger rooms nobody looks at who has received what. */
const MAX_RECEIPT_MEMBERS = 50
const SAVE_EVERY_MS = 5_000
const CACHED_ROOMS = 10

export interface SignedIn {
  readonly user: User
  readonly users: Users
  blocked(): ReadonlySet<UserId>
  /** Known here before the server says so on the inbox. */
  setBlocked(user: UserId, blocked: boolean): void
  readonly rooms: Rooms
  readonly reader: LogReader
  readonly marks: Marks
  readonly connection: Connection
  readonly requests: Requests
  /** The first answer of the server about my rooms, asked for once for all who wait for it. Rejects with ChatError. */
  learnRooms(): Promise<void>
  /** Shows what was cached, then connects. */
  start(): Promise<void>
  stop(): void
  setStatus(status: Status): void
  /** Of a public room that is open without being joined. */
  watch(room: RoomId): void
  unwatch(room: RoomId): void
}

export type SignedInOptions = {
  user: User
  ports: Ports
  options: Options
  session: Session
  outbox: Outbox
  onChange(): void
  onEvent(room: RoomId, event: ChatEvent): void
  onNotice(notice: Notice): void
}

const watchFilters = (room: RoomId): string[] => [
  roomView(room, 'messages'),
  roomState(room),
  memberTyping(room, '+' as UserId),
]

export function createSignedIn({
  user,
  ports,
  options,
  session,
  outbox,
  onChange,
  onEvent,
  onNotice,
}: SignedInOptions): SignedIn {
  const { clock } = ports
  const me = user.id
  const clientId = `${session.deviceId()}.${makeId(ports.random, 4)}` as DeviceId
  let blocked: ReadonlySet<UserId> = new Set()
  let profile: Me = { ...user, createdAt: 0 }
  let password: string | undefined
  let status: Status | undefined
  let synced = false
  let firstSync: Promise<void> | undefined
  let wasOnline = false
  /** When my rooms and marks were last known to be as on the server. */
  let knownAt = 0
  /** Rooms that were heard of before that answer; it may be older than they are. */
  const heardOf = new Set<RoomId>()
  let saveTimer: unknown
  let stopped = false

  const users = createUsers((id) => session.call('GET', `/users/${id}`), onChange)
  const rooms = createRooms(
    me,
    clock,
    users.nameOf,
    outbox.of,
    () => {
      if (!stopped) saveTimer ??= clock.setTimeout(save, SAVE_EVERY_MS)
      onChange()
    },
    (user) => blocked.has(user),
  )
  const requests = createRequests(clock, (payload) => connection.publish(userRequests(me), payload, 1))
  const marks = createMarks(clock, (topic, payload, qos) => connection.publish(topic, payload, qos))
  const reader = createLogReader({
    session,
    clock,
    longGap: options.longGap ?? 200,
    rooms,
    onEvents: heard,
    onPage: seen,
    onSync: applySync,
  })
  const connection = createConnection({
    clock,
    random: ports.random,
    network: ports.network,
    openTransport: ports.openTransport,
    clientId: () => clientId,
    async credentials(refused) {
      const { token, expiresAt } = await session.access(refused)
      password = token
      return { username: me, password: token, expiresAt }
    },
    async renew() {
      const { token, expiresAt } = await session.access(password)
      await requests.ask('renew', { token })
      password = token
      return expiresAt
    },
    filters: () => [
      ...(['messages', 'state', 'presence', 'typing', 'receipts'] as const).map(myRooms),
      userInbox(me),
      ownReplies(me),
      ...[...rooms.all()].filter((room) => room.isOpen() && !room.isMember()).flatMap(({ id }) => watchFilters(id)),
    ],
    async catchUp(report) {
      // A failed one is asked for again here, with this attempt at stake.
      await firstSync?.catch(() => {})
      if (!synced || clock.now() - knownAt > STALE_MS) await reader.sync()
      await reader.catchUp(report)
    },
    onMessage: (topic, payload) => receive(topic, payload, receivers),
    onState: changeState,
  })

  const receivers = {
    event(id: RoomId, event: ChatEvent) {
      const room = rooms.get(id)
      if (!room) return hearOf(id)
      seen(id, [event])
      heard(id, room.take([event]))
      repair(room)
    },
    state(id: RoomId, state: Parameters<Room['applyState']>[0] | undefined) {
      const room = rooms.get(id)
      if (state && !room) return hearOf(id)
      if (!room) return
      if (!state) return rooms.leave(id)
      const epoch = room.epoch()
      room.applyState(state)
      // Another log: nothing of what is shown is known to stand in it.
      if (room.epoch() !== epoch && room.isOpen()) reader.loadLatest(room).catch(() => {})
      repair(room)
    },
    presence: users.setPresence,
    typing(id: RoomId, who: UserId, typing: boolean) {
      rooms.get(id)?.setTyping(who, typing)
      if (typing) users.need(who)
    },
    receipt(id: RoomId, who: UserId, receipt: { read: number; delivered: number }) {
      if (who !== me) rooms.get(id)?.setReceipt(who, receipt)
    },
    notice: takeNotice,
    reply: takeReply,
  }

  function takeNotice(notice: Notice): void {
    const room = 'room' in notice ? rooms.get(notice.room) : undefined
    switch (notice.type) {
      case 'profile': {
        const { user: id, displayName, avatar } = notice
        users.learn([{ id, displayName, ...(avatar && { avatar }) }])
        break
      }
      case 'blocked':
        setBlocked(notice.user, notice.blocked)
        break
      case 'added':
        hearOf(notice.room)
        break
      case 'removed':
        rooms.leave(notice.room, notice)
        break
      case 'role':
        room?.setRole(notice.role)
        break
      case 'read':
      case 'unread':
        room?.setUnread(notice)
        if (room) repair(room)
        break
    }
    onNotice(notice)
  }

  function setBlocked(user: UserId, isBlocked: boolean): void {
    const next = new Set(blocked)
    if (isBlocked) next.add(user)
    else next.delete(user)
    learnBlocked(next)
  }

  /** What they wrote is folded, or shown again. */
  function learnBlocked(next: ReadonlySet<UserId>): void {
    if (next.size === blocked.size && [...next].every((user) => blocked.has(user))) return
    blocked = next
    for (const room of rooms.all()) room.touch()
    onChange()
  }

  function takeReply(reply: Reply | Rejection | Accepted): void {
    switch (reply.type) {
      case 'reply':
        requests.answer(reply)
        break
      case 'accepted': {
        const room = rooms.get(reply.room as RoomId)
        outbox.settle(reply.room as RoomId, reply.id as Parameters<Outbox['settle']>[1])
        if (room) located(room, reply.seq)
        break
      }
      case 'rejected':
        if (reply.id !== undefined) refuse(reply.id, readError(reply, 'internal'))
        break
    }
  }

  function refuse(id: string, error: ChatError): void {
    if (!requests.reject(id, error)) outbox.reject(id, error)
  }

  function located(room: Room, seq: number): void {
    room.raiseHead(seq)
    repair(room)
  }

  function learnRooms(): Promise<void> {
    firstSync ??= reader.sync().catch((error: unknown) => {
      firstSync = undefined
      throw error
    })
    return firstSync
  }

  /** There is a room that we do not know. */
  function hearOf(id: RoomId): void {
    if (!synced) heardOf.add(id)
    // A failed one is repeated by the next message or reconnect.
    else reader.sync().catch(() => {})
  }

  function repair(room: Room): void {
    if (connection.state().kind === 'online') void reader.repair(room)
  }

  /** Events that came to the screen, new or old. */
  function seen(id: RoomId, events: readonly ChatEvent[]): void {
    for (const { from, id: command } of events) {
      if (from === me && command !== undefined) outbox.settle(id, command)
      else users.need(from)
    }
    reportDelivered(id, events)
  }

  function reportDelivered(id: RoomId, events: readonly ChatEvent[]): void {
    const room = rooms.get(id)
    if (options.reportDelivered === false || !room?.isMember() || room.memberCount() > MAX_RECEIPT_MEMBERS) return
    const last = events.filter(({ from, type }) => type === 'message' && from !== me).at(-1)
    if (last) marks.report(id, { delivered: last.seq })
  }

  /** New events, in order, each once. */
  function heard(id: RoomId, events: readonly ChatEvent[]): void {
    for (const event of events) onEvent(id, event)
  }

  function applySync(sync: Sync): void {
    if (stopped) return
    synced = true
    knownAt = clock.now()
    profile = sync.me
    const { id, displayName, avatar } = sync.me
    users.learn([{ id, displayName, ...(avatar && { avatar }) }, ...sync.users])
    learnBlocked(new Set(sync.blocked))
    rooms.applySync(sync)
    for (const { peer, last, id: room } of sync.rooms) {
      if (peer !== undefined) users.need(peer)
      if (last) users.need(last.from)
      const known = rooms.get(room)
      if (known) repair(known)
    }
    const isOld = [...heardOf].some((room) => !rooms.get(room))
    heardOf.clear()
    if (isOld) reader.sync().catch(() => {})
  }

  function changeState(state: ConnectionState): void {
    if (state.kind === 'online') {
      outbox.resume()
      marks.flush()
      if (status) tellStatus()
    } else if (state.kind !== 'catching-up') {
      if (wasOnline) knownAt = clock.now()
      outbox.pause()
      requests.end()
      for (const room of rooms.all()) room.quiet()
    }
    wasOnline = state.kind === 'online'
    onChange()
  }

  function tellStatus(): void {
    // Said again after the next reconnect.
    connection.publish(userStatus(me), JSON.stringify(status), 1).catch(() => {})
  }

  function save(): void {
    saveTimer = undefined
    const recent = rooms.summaries().slice(0, CACHED_ROOMS)
    const kept = new Set([...recent.map(({ room }) => room), ...rooms.open().keys()])
    const mine = [...rooms.all()].filter((room) => room.isMember())
    ports.cache
      ?.save(me, {
        sync: {
          me: profile,
          rooms: mine.map((room) => room.toSync()),
          users: [...users.all().values()],
          blocked: [...blocked],
        },
        pages: mine.flatMap((room) => {
          const page = kept.has(room.id) ? room.lastPage() : undefined
          return page ? [{ room: room.id, page }] : []
        }),
      })
      // The cache is a convenience; the next start then waits for the server.
      .catch(() => {})
  }

  return {
    user,
    users,
    blocked: () => blocked,
    setBlocked,
    rooms,
    reader,
    marks,
    connection,
    requests,
    learnRooms,
    async start() {
      users.learn([user])
      // A cache that cannot be read is as good as none.
      const cached = await ports.cache?.load(me).catch(() => undefined)
      if (stopped) return
      if (cached && !synced) {
        users.learn(cached.sync.users)
        learnBlocked(new Set(cached.sync.blocked))
        rooms.restore(cached)
      }
      // Beside the connection, to show the rooms one round trip earlier; `catchUp` asks again if it fails.
      learnRooms().catch(() => {})
      connection.start()
    },
    stop() {
      stopped = true
      clock.clearTimeout(saveTimer)
      if (saveTimer !== undefined) save()
      connection.stop()
      reader.stop()
      marks.stop()
    },
    setStatus(next) {
      status = next
      if (connection.state().kind === 'online') tellStatus()
    },
    watch: (room) => connection.subscribe(watchFilters(room)),
    unwatch: (room) => connection.unsubscribe(watchFilters(room)),
  }
}
