/**
 * Who listens to what, and the way of events to them. Each batch of events is encoded once per view and the same bytes
 * go to every subscriber; nobody waits for anybody ([P7]). What a subscriber at QoS 1 cannot take now it gets from the
 * log; one at QoS 0 sees the gap by seq ([P3]).
 */
import { inScope } from '../../auth-plugin/index.ts'
import type { ArchivedEvent, BusNotes } from '../../domain/index.ts'
import type { RoomId } from '../../protocol/ids.ts'
import { type Filter, parseFilter, userInbox, VIEWS, type View } from '../../protocol/topics.ts'
import type { Granted } from '../aedes/engine.ts'
import { type Connection, ViewSubscription } from '../connection.ts'
import type { Connections } from '../connections.ts'
import { type CursorDeps, createCursorKeeper } from './cursor-keeper.ts'
import { type EncodedBatch, encodePublish } from './encode.ts'
import { Feed } from './feed.ts'
import { concerns, type Grant, interestIn, MEMBER_LEAVES } from './interest.ts'
import { createPeopleTopics, type PeopleTopicsDeps } from './people-topics.ts'
import { createReplay } from './replay.ts'
import { createRetained, type RetainedDeps, stateFrame } from './retained.ts'
import { createUnreadNotices, type UnreadNoticesDeps } from './unread-notices.ts'
import { encodeView } from './views.ts'

export type RouterDeps = CursorDeps &
  RetainedDeps &
  PeopleTopicsDeps &
  UnreadNoticesDeps & {
    connections: Connections
    read(room: RoomId, after: number, limit: number): Promise<ArchivedEvent[]>
  }

export interface Router {
  /** Before the SUBACK: makes sure of the cursors that a durable subscription needs. */
  prepare(connection: Connection, topic: string): Promise<void>
  subscribed(connection: Connection, granted: readonly Granted[]): void
  unsubscribed(connection: Connection, topics: readonly string[]): void
  acknowledged(connection: Connection, packetId: number): void
  drained(connection: Connection): void
  /** The connection has ended. */
  remove(connection: Connection): void
  close(): Promise<void>
  stats(): { feeds: number; deliveries: number; behind: number; skipped: number }
}

export function createRouter(deps: RouterDeps): Router {
  const feeds = new Map<RoomId, Feed>()
  const cursors = createCursorKeeper(deps)
  const retained = createRetained(deps)
  const unread = createUnreadNotices(deps)
  const counts = { deliveries: 0, skipped: 0, behind: 0 }
  const replay = createReplay({
    read: deps.read,
    feed: (room) => feeds.get(room),
    isActive: (one) => feeds.get(one.room)?.views[one.view].has(one) === true,
    onError: deps.onError,
  })

  deps.bus.on('events', fanOut)
  deps.bus.on('membership', onMembership)
  deps.bus.on('room', ({ room, deleted, rewritten }) => {
    if (rewritten === true) feeds.get(room)?.forget()
    if (deleted === true) silence(room)
    else later(announceState(room))
  })
  createPeopleTopics(deps, feeds, writeUnlessCongested)
  deps.bus.on('inbox', ({ user, notice }) => {
    const frame = encodePublish(Buffer.from(userInbox(user)), asJson(notice), false)
    for (const one of deps.connections.of(user)) {
      // What is about no room is not for a token that is for some.
      const isMeant = 'room' in notice ? inScope(one.session, notice.room) : one.session.scope.rooms === null
      if (one.subscriptions.inbox && isMeant) writeUnlessCongested(one, frame)
    }
  })

  function later(work: Promise<void>): void {
    work.catch((error) => deps.onError(error))
  }

  // ---- events

  function fanOut(events: readonly ArchivedEvent[]): void {
    for (const run of runsByRoom(events)) {
      unread.heard(run)
      const feed = feeds.get((run[0] as ArchivedEvent).room)
      if (feed !== undefined) deliver(feed, run)
    }
  }

  function deliver(feed: Feed, events: readonly ArchivedEvent[]): void {
    const first = (events[0] as ArchivedEvent).seq
    const last = (events.at(-1) as ArchivedEvent).seq
    feed.remember(events)
    feed.last = last
    for (const view of VIEWS) {
      const subscribers = feed.views[view]
      if (subscribers.size === 0) continue
      const batch = encodeView(feed.room, view, events)
      for (const one of subscribers) {
        if (one.qos === 0) {
          if (one.connection.link.outlet.congested) counts.skipped += batch.count
          else if (batch.count > 0) one.connection.link.outlet.writeShared(batch)
          one.position = last
        } else if (!one.behind) deliverOnce(one, batch, first, last)
      }
      counts.deliveries += batch.count * subscribers.size
    }
  }

  /** QoS 1: exactly what follows the position, or the log takes over. */
  function deliverOnce(one: ViewSubscription, batch: EncodedBatch, first: number, last: number): void {
    const { subscriptions, link } = one.connection
    if (one.position === 0) one.position = one.acknowledged = first - 1
    if (one.position >= last) return
    const fits = !link.outlet.congested && batch.count <= subscriptions.window.free
    if (one.position !== first - 1 || !fits) {
      counts.behind++
      replay.fallBehind(one)
      return
    }
    if (batch.count > 0) {
      const firstId = subscriptions.window.take(one, batch.seqs)
      link.outlet.writeFramed(batch.withPacketIds(firstId, link.wire.transport === 'websocket'))
    }
    one.position = last
    if (one.durable && !subscriptions.window.isOpen(one)) {
      one.acknowledged = last
      cursors.moved(one)
    }
  }

  // ---- the small topics

  function writeUnlessCongested(connection: Connection, frame: Buffer): void {
    if (connection.link.outlet.congested) connection.subscriptions.missedRetained = true
    else connection.link.outlet.write(frame)
  }

  async function announceState(room: RoomId): Promise<void> {
    if ((feeds.get(room)?.state.size ?? 0) === 0) return
    const state = await deps.roomState(room)
    if (state === undefined) return
    const frame = stateFrame(state, false)
    for (const connection of feeds.get(room)?.state ?? []) writeUnlessCongested(connection, frame)
  }

  // ---- who listens to what

  function onMembership({ room, user, role }: BusNotes['membership']): void {
    let isNew: boolean | undefined // to the set that the user's connections share
    for (const connection of deps.connections.of(user)) {
      if (role === null) {
        exclude(connection, room)
        continue
      }
      isNew ??= !connection.rooms.has(room)
      connection.rooms.add(room)
      if (isNew && connection.reaches(room)) later(joined(connection, room))
    }
  }

  /** `rooms/+/...` takes in a room that was joined just now; a durable one from the head on. */
  async function joined(connection: Connection, room: RoomId): Promise<void> {
    const { subscriptions } = connection
    if (connection.durable && [...subscriptions.grants.values()].some((grant) => isDurableIn(grant, room))) {
      await cursors.prepare(connection, [room])
    }
    if (!connection.reaches(room) || connection.link.outlet.closed) return
    refresh(connection, room)
    for (const [topic, grant] of subscriptions.grants) {
      if (concerns(grant.filter, room, true)) retained.send(connection, topic)
    }
  }

  const isDurableIn = (grant: Grant, room: RoomId): boolean => grant.qos === 1 && concerns(grant.filter, room, true)

  function silence(room: RoomId): void {
    for (const connection of deps.connections.all()) {
      const { interests, waiting } = connection.subscriptions
      if (waiting > 0 || interests.has(room)) exclude(connection, room)
    }
  }

  /** The room falls silent for this connection, whatever its filters; it may subscribe again if it may read. */
  function exclude(connection: Connection, room: RoomId): void {
    const { subscriptions } = connection
    connection.rooms.delete(room)
    subscriptions.cursors?.delete(room)
    if (subscriptions.waiting > 0) {
      subscriptions.silenced ??= new Set()
      subscriptions.silenced.add(room)
    }
    for (const [topic, grant] of subscriptions.grants) {
      if (concerns(grant.filter, room, false)) subscriptions.grants.delete(topic)
    }
    drop(connection, room)
  }

  /** Puts the subscriptions of a connection in one room in step with its filters. */
  function refresh(connection: Connection, room: RoomId): void {
    const { subscriptions } = connection
    cursors.note(connection, room)
    const before = subscriptions.views.get(room) ?? []
    const interest = interestIn(room, connection.reaches(room), subscriptions.grants.values())
    if (interest === undefined) {
      drop(connection, room)
      return
    }
    const feed = feeds.get(room) ?? new Feed(room)
    feeds.set(room, feed)
    subscriptions.interests.set(room, interest)
    for (const one of before) if (!interest.views.has(one.view)) feed.remove(one)
    const views: ViewSubscription[] = []
    for (const [view, qos] of interest.views) {
      const same = before.find((one) => one.view === view)
      views.push(same?.qos === qos ? same : listen(feed, connection, view, qos, same))
    }
    subscriptions.views.set(room, views)
    if (interest.state) feed.state.add(connection)
    else feed.state.delete(connection)
    for (const leaf of MEMBER_LEAVES) {
      const users = interest.members.get(leaf)
      if (users === undefined) feed.members[leaf].delete(connection)
      else feed.members[leaf].set(connection, users)
    }
    if (feed.empty) feeds.delete(room)
  }

  function listen(
    feed: Feed,
    connection: Connection,
    view: View,
    qos: 0 | 1,
    before: ViewSubscription | undefined,
  ): ViewSubscription {
    if (before !== undefined) feed.remove(before)
    const one = new ViewSubscription(connection, feed.room, view, qos)
    one.position = one.acknowledged = before?.position ?? feed.last
    feed.add(one)
    const stored = one.durable ? connection.subscriptions.cursors?.get(feed.room) : undefined
    if (stored !== undefined) {
      one.position = one.acknowledged = stored
      replay.fallBehind(one)
    }
    return one
  }

  function drop(connection: Connection, room: RoomId): void {
    const { subscriptions } = connection
    const feed = feeds.get(room)
    for (const one of subscriptions.views.get(room) ?? []) feed?.remove(one)
    subscriptions.views.delete(room)
    subscriptions.interests.delete(room)
    if (feed === undefined) return
    feed.state.delete(connection)
    for (const leaf of MEMBER_LEAVES) feed.members[leaf].delete(connection)
    if (feed.empty) feeds.delete(room)
  }

  /** The membership ended between the look at it and now ([P6]). */
  const isSilenced = ({ subscriptions }: Connection, filter: Filter): boolean =>
    'room' in filter && filter.room !== '+' && subscriptions.silenced?.has(filter.room) === true

  /** The rooms that a filter is about, for this connection. */
  function roomsOfFilter(connection: Connection, grant: Grant): RoomId[] {
    const { filter } = grant
    if (filter.kind !== 'room' && filter.kind !== 'room-all') return []
    return filter.room === '+' ? connection.reachedRooms() : [filter.room]
  }

  function noteInbox(connection: Connection): void {
    const { subscriptions } = connection
    const has = [...subscriptions.grants.values()].some(({ filter }) => ['inbox', 'user-all'].includes(filter.kind))
    subscriptions.inbox = has
    unread.listens(connection, has)
  }

  return {
    async prepare(connection, topic) {
      const filter = parseFilter(topic)
      if (!connection.durable || filter === undefined) return
      const hasView = filter.kind === 'room-all' || (filter.kind === 'room' && VIEWS.includes(filter.leaf as View))
      if (hasView) await cursors.prepare(connection, roomsOfFilter(connection, { filter, qos: 1 }))
    },

    subscribed(connection, granted) {
      const { subscriptions } = connection
      const touched = new Set<RoomId>()
      for (const { topic, qos } of granted) {
        const filter = parseFilter(topic)
        if (filter === undefined || isSilenced(connection, filter)) continue
        const grant = { filter, qos }
        subscriptions.grants.set(topic, grant)
        for (const room of roomsOfFilter(connection, grant)) touched.add(room)
      }
      subscriptions.waiting -= granted.length
      if (subscriptions.waiting === 0) subscriptions.silenced = undefined
      for (const room of touched) refresh(connection, room)
      noteInbox(connection)
      for (const { topic } of granted) retained.send(connection, topic)
    },

    unsubscribed(connection, topics) {
      const { subscriptions } = connection
      for (const topic of topics) {
        const grant = subscriptions.grants.get(topic)
        if (grant === undefined) continue
        subscriptions.grants.delete(topic)
        for (const room of roomsOfFilter(connection, grant)) {
          const wasDurable = subscriptions.views.get(room)?.some((one) => one.durable) === true
          refresh(connection, room)
          const isDurable = subscriptions.views.get(room)?.some((one) => one.durable) === true
          if (wasDurable && !isDurable) later(cursors.forget(connection, room))
        }
      }
      noteInbox(connection)
    },

    acknowledged(connection, packetId) {
      const { window } = connection.subscriptions
      const wasFull = window.free < WINDOW_LOW
      const moved = window.acknowledge(packetId)
      if (moved?.durable === true) cursors.moved(moved)
      if (wasFull && window.free >= WINDOW_LOW) replay.goOn(connection)
    },

    drained(connection) {
      const { subscriptions } = connection
      if (subscriptions.missedRetained) {
        subscriptions.missedRetained = false
        for (const topic of subscriptions.grants.keys()) retained.send(connection, topic)
      }
      replay.goOn(connection)
    },

    remove(connection) {
      if (connection.durable) later(cursors.finish(connection))
      replay.remove(connection)
      unread.listens(connection, false)
      for (const room of [...connection.subscriptions.interests.keys()]) drop(connection, room)
    },

    async close() {
      await unread.close()
      await cursors.close()
    },
    stats: () => ({ feeds: feeds.size, ...counts }),
  }
}

/** A replay goes on when a good part of the window is open again, not at every acknowledgement. */
const WINDOW_LOW = 256

/** Consecutive events of one room together; the order within each room stays. */
function runsByRoom(events: readonly ArchivedEvent[]): Iterable<ArchivedEvent[]> {
  const runs = new Map<RoomId, ArchivedEvent[]>()
  for (const event of events) {
    const run = runs.get(event.room)
    if (run === undefined) runs.set(event.room, [event])
    else run.push(event)
  }
  return runs.values()
}

const asJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
