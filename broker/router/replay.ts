/** Brings QoS 1 subscriptions from their position up to the present, out of the log, in order ([P3], [CUR3]). */
import type { ArchivedEvent } from '../../domain/index.ts'
import type { RoomId } from '../../protocol/ids.ts'
import type { Connection, ViewSubscription } from '../connection.ts'
import type { Feed } from './feed.ts'
import { encodeView } from './views.ts'

const PAGE = 200
/** Reads of the log at once on this node: laggards must not keep the database from the living. */
const READERS = 4
/** After a failed read of the log. */
const RETRY_MS = 1_000

export type ReplayDeps = {
  read(room: RoomId, after: number, limit: number): Promise<ArchivedEvent[]>
  feed(room: RoomId): Feed | undefined
  isActive(subscription: ViewSubscription): boolean
  onError(error: unknown): void
}

export interface Replay {
  /** From now on the subscription is continued from the log, until it has reached the present. */
  fallBehind(subscription: ViewSubscription): void
  /** The connection can take more: its window opened or its line drained. */
  goOn(connection: Connection): void
  remove(connection: Connection): void
}

export function createReplay(deps: ReplayDeps): Replay {
  const waiting = new Map<Connection, Set<ViewSubscription>>()
  const running = new Set<Connection>()
  const readers = createGate(READERS)

  async function run(connection: Connection): Promise<void> {
    if (running.has(connection)) return
    running.add(connection)
    try {
      for (;;) {
        const [next] = waiting.get(connection) ?? []
        if (next === undefined || !canTake(connection)) break
        await bringUp(next)
      }
    } catch (error) {
      deps.onError(error)
      setTimeout(() => goOn(connection), RETRY_MS).unref()
    } finally {
      running.delete(connection)
    }
  }

  /** Ends when the subscription is live, gone, or its connection can take no more. */
  async function bringUp(subscription: ViewSubscription): Promise<void> {
    while (subscription.behind && deps.isActive(subscription) && canTake(subscription.connection)) {
      const feed = deps.feed(subscription.room)
      const recent = feed?.recent(subscription.position)
      const events = recent ?? (await readers(() => deps.read(subscription.room, subscription.position, PAGE)))
      if (!deps.isActive(subscription)) break
      handOver(subscription, events)
      const present = deps.feed(subscription.room)?.last ?? 0
      const wholePage = events.length === PAGE
      if (subscription.position >= present && !wholePage && isDone(subscription, events)) {
        subscription.behind = false
        forget(subscription)
      }
    }
    if (!deps.isActive(subscription)) forget(subscription)
  }

  const isDone = (subscription: ViewSubscription, events: readonly ArchivedEvent[]): boolean =>
    events.length === 0 || subscription.position >= (events.at(-1)?.seq ?? 0)

  /** As many of the events as the window has ids for; the rest is read again later. */
  function handOver(subscription: ViewSubscription, events: readonly ArchivedEvent[]): void {
    const { window } = subscription.connection.subscriptions
    const taken = events.slice(0, window.free)
    const last = taken.at(-1)
    if (last === undefined) return
    const batch = encodeView(subscription.room, subscription.view, taken)
    if (batch.count > 0) {
      const firstId = window.take(subscription, batch.seqs)
      const { link } = subscription.connection
      link.outlet.writeFramed(batch.withPacketIds(firstId, link.wire.transport === 'websocket'))
      link.outlet.flush()
    }
    subscription.position = last.seq
    if (!window.isOpen(subscription)) subscription.acknowledged = last.seq
  }

  function canTake(connection: Connection): boolean {
    return !connection.link.outlet.congested && connection.subscriptions.window.free > 0
  }

  function forget(subscription: ViewSubscription): void {
    const set = waiting.get(subscription.connection)
    set?.delete(subscription)
    if (set?.size === 0) waiting.delete(subscription.connection)
  }

  function goOn(connection: Connection): void {
    if (waiting.has(connection)) void run(connection) // reports its own errors
  }

  return {
    fallBehind(subscription) {
      subscription.behind = true
      const set = waiting.get(subscription.connection)
      if (set === undefined) waiting.set(subscription.connection, new Set([subscription]))
      else set.add(subscription)
      queueMicrotask(() => goOn(subscription.connection))
    },
    goOn,
    remove(connection) {
      waiting.delete(connection)
    },
  }
}

/** At most `width` tasks at once; the rest waits in order. */
function createGate(width: number): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let free = width
  const queue: (() => void)[] = []
  return async (task) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => queue.push(resolve))
    try {
      return await task()
    } finally {
      const next = queue.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
