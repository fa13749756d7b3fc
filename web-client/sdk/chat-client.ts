/** The facade: wires the parts, makes snapshots, and offers the actions. */
import { ChatError } from '../../protocol/errors.ts'
import type { ChatEvent } from '../../protocol/events.ts'
import type { Member, RoomInfo } from '../../protocol/http.ts'
import type { RoomId } from '../../protocol/ids.ts'
import { PAGE_MAX } from '../../protocol/limits.ts'
import type { Notice } from '../../protocol/presence.ts'
import { roomSend } from '../../protocol/topics.ts'
import type { ChatClient } from './actions.ts'
import { createDoor } from './door.ts'
import { queryString } from './http-client.ts'
import { createOperations } from './operations.ts'
import { createOutbox } from './outbox.ts'
import type { Options, Ports } from './ports.ts'
import type { Room } from './room.ts'
import { createSignedIn, type SignedIn } from './signed-in.ts'
import type { OutboxCommand, Snapshot, User } from './snapshot.ts'

function listen<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const NO_ROOMS: Snapshot['open'] = new Map()
const NO_USERS: Snapshot['users'] = new Map()
const NOBODY: Snapshot['blocked'] = new Set()

/** A client that does nothing before `start()`. `door`: one that was made and started before. */
export function createChatClient(ports: Ports, options: Options, door = createDoor(ports, options)): ChatClient {
  const listeners = new Set<() => void>()
  const eventListeners = new Set<(room: RoomId, event: ChatEvent) => void>()
  const noticeListeners = new Set<(notice: Notice) => void>()
  let shown: Snapshot | undefined
  let isFlushDue = false
  let storageFailed = false
  let current: SignedIn | undefined
  let beginning: Promise<unknown> = Promise.resolve()

  const { session } = door
  const { call } = session
  const leaveSession = session.subscribe(sessionChanged)
  const outbox = createOutbox({
    storage: ports.outbox,
    clock: ports.clock,
    random: ports.random,
    publish: async ({ room, id, command }) => {
      await current?.connection.publish(roomSend(room), JSON.stringify({ ...command, id }), 1)
    },
    locate: ({ room, id, command }) => call('POST', '/messages', { ...command, id, room }),
    onLocated(id, seq) {
      const room = current?.rooms.get(id)
      room?.raiseHead(seq)
      if (room) void current?.reader.repair(room)
    },
    onChange(room) {
      current?.rooms.get(room)?.touch()
      changed()
    },
    onStorageFailed() {
      storageFailed = true
      changed()
    },
  })

  function changed(): void {
    shown = undefined
    if (isFlushDue) return
    isFlushDue = true
    const batch = ports.batch ?? queueMicrotask
    batch(() => {
      isFlushDue = false
      for (const listener of [...listeners]) listener()
    })
  }

  function sessionChanged(): void {
    const state = session.state()
    if (state.kind === 'signed-in') {
      if (current?.user.id !== state.user.id) begin(state.user)
      else current.users.learn([{ ...current.users.all().get(state.user.id), ...state.user }])
    } else end(false)
    changed()
  }

  function begin(user: User): void {
    end(false)
    const mine = createSignedIn({
      user,
      ports,
      options,
      session,
      outbox,
      onChange: changed,
      onEvent: (room, event) => {
        if (mine === current) tell(eventListeners, room, event)
      },
      onNotice: (notice) => tell(noticeListeners, notice),
    })
    current = mine
    beginning = Promise.all([outbox.load(user.id), mine.start()])
  }

  function tell<Said extends unknown[]>(listeners: Set<(...said: Said) => void>, ...said: Said): void {
    for (const listener of [...listeners]) {
      try {
        listener(...said)
      } catch (error) {
        // A bug of the listener, for the place where uncaught errors go; the connection has no part in it.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  function end(forget: boolean): void {
    if (!current) return
    const old = current
    current = undefined
    old.stop()
    outbox.close(forget)
  }

  function signedIn(): SignedIn {
    if (!current) throw new ChatError('unauthorized')
    return current
  }

  /** A room that is known, or that anybody may look at. */
  async function findRoom(id: RoomId): Promise<Room> {
    const mine = signedIn()
    if (!mine.rooms.isLoaded()) await mine.learnRooms()
    return mine.rooms.get(id) ?? mine.rooms.learn(await call<RoomInfo>('GET', `/rooms/${id}`))
  }

  function knownRoom(id: RoomId): Room {
    const room = signedIn().rooms.get(id)
    if (!room) throw new ChatError('room_not_found')
    return room
  }

  function ask(room: RoomId, command: OutboxCommand) {
    const id = outbox.add(room, command)
    // The state line may be wrong about the network; who writes wants to know.
    if (current?.connection.state().kind === 'waiting') current.connection.wake()
    return id
  }

  async function listMembers(room: RoomId): Promise<Member[]> {
    const all: Member[] = []
    for (let more = true; more; ) {
      const query = queryString({ limit: PAGE_MAX, after: all.at(-1)?.user })
      const page = await call<{ members: Member[]; more: boolean }>('GET', `/rooms/${room}/members${query}`)
      all.push(...page.members)
      more = page.more && page.members.length > 0
    }
    current?.users.learn(
      all.map(({ user: id, displayName, avatar, presence }) => ({
        id,
        displayName,
        ...(avatar && { avatar }),
        ...(presence && { presence }),
      })),
    )
    return all
  }

  async function openNew(body: object): Promise<RoomId> {
    const { id: room } = await call<RoomInfo>('POST', '/rooms', body)
    await signedIn().reader.sync()
    return room
  }

  return {
    ...createOperations(call),
    snapshot() {
      shown ??= {
        session: session.state(),
        connection: current?.connection.state() ?? { kind: 'stopped' },
        rooms: current?.rooms.summaries() ?? [],
        roomsLoaded: current?.rooms.isLoaded() ?? false,
        open: current?.rooms.open() ?? NO_ROOMS,
        users: current?.users.all() ?? NO_USERS,
        blocked: current?.blocked() ?? NOBODY,
        storageFailed,
      }
      return shown
    },
    subscribe: (listener) => listen(listeners, listener),
    onEvent: (listener) => listen(eventListeners, listener),
    onNotice: (listener) => listen(noticeListeners, listener),
    call,

    async start() {
      if (session.state().kind === 'starting') await session.start()
      // Through a door that was open before.
      else if (!current) sessionChanged()
      await beginning
    },
    stop() {
      leaveSession()
      end(false)
      changed()
    },
    wake: () => current?.connection.wake(),
    flush: () => current?.marks.flush(),

    register: session.register,
    signIn: session.signIn,
    async signOut() {
      end(true)
      changed()
      await Promise.all([session.signOut(), ports.cache?.clear()]).catch(() => {
        storageFailed = true
        changed()
      })
    },

    async openRoom(id) {
      const room = await findRoom(id)
      const mine = signedIn()
      if (!room.isOpen()) {
        room.setOpen(true)
        if (!room.isMember()) mine.watch(id)
      }
      const loaded = mine.reader.loadLatest(room)
      // With something on the screen already, a page that fails is told by `loadFailed` alone.
      if (room.log.timeline().rows.length > 0) loaded.catch(() => {})
      else await loaded
    },
    closeRoom(id) {
      const room = current?.rooms.get(id)
      if (!room?.isOpen()) return
      room.setOpen(false)
      if (room.isMember()) return
      current?.unwatch(id)
      current?.rooms.forget(id)
    },
    loadOlder: async (id) => signedIn().reader.loadOlder(knownRoom(id)),
    loadAround: async (id, seq) => signedIn().reader.loadAround(knownRoom(id), seq),
    loadGap: async (id, after) => signedIn().reader.loadGap(knownRoom(id), after),
    async loadMembers(id) {
      const room = knownRoom(id)
      room.setMembers(await listMembers(id))
    },
    listMembers,

    send: (room, draft) => ask(room, { ...draft, type: 'message' }),
    edit: (room, seq, text, mentions) => ask(room, { type: 'edit', seq, text, ...(mentions && { mentions }) }),
    remove: (room, seq) => ask(room, { type: 'delete', seq }),
    react: (room, seq, emoji) => ask(room, { type: 'react', seq, emoji }),
    unreact: (room, seq, emoji) => ask(room, { type: 'unreact', seq, emoji }),
    pin: (room, seq) => ask(room, { type: 'pin', seq }),
    unpin: (room, seq) => ask(room, { type: 'unpin', seq }),
    retry: outbox.retry,
    discard: outbox.discard,

    markRead(id, seq) {
      const room = current?.rooms.get(id)
      if (!room?.isMember()) return
      const mark = Math.min(seq ?? room.log.position(), room.log.head())
      if (room.markRead(mark)) current?.marks.report(id, { read: mark })
    },
    setTyping(id, typing) {
      if (current?.rooms.get(id)?.isMember()) current.marks.setTyping(id, typing)
    },
    setStatus: (status) => current?.setStatus(status),

    createRoom: openNew,
    startDirect: (user) => openNew({ kind: 'direct', members: [user] }),
    async joinRoom(id) {
      await call('POST', `/rooms/${id}/join`)
      const mine = signedIn()
      await mine.reader.sync()
      if (mine.rooms.get(id)?.isOpen()) mine.unwatch(id)
    },
    async leaveRoom(id) {
      await call('POST', `/rooms/${id}/leave`)
      current?.rooms.leave(id)
    },
    async deleteRoom(id) {
      await call('DELETE', `/rooms/${id}`)
      current?.rooms.leave(id)
    },
    async searchUsers(query) {
      const { users } = await call<{ users: User[] }>('GET', `/users${queryString({ q: query })}`)
      current?.users.learn(users)
      return users
    },
    async updateMe(changes) {
      const { displayName } = await call<User>('PATCH', '/me', changes)
      await session.rename(displayName)
    },
    learnUsers: (users) => current?.users.learn(users),
    learnBlocked: (user, blocked) => current?.setBlocked(user, blocked),
    request: async (operation, input = {}) => signedIn().requests.ask(operation, input),
  }
}
