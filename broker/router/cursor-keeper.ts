/** Stored positions of durable subscriptions: loaded with the connection, written behind its acknowledgements ([CUR1]). */
import type { Cursors } from '../../domain/index.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Connection, ViewSubscription } from '../connection.ts'

const WRITE_EVERY_MS = 1_000

export type CursorDeps = {
  cursors: Cursors
  heads(rooms: RoomId[]): Promise<Map<RoomId, number>>
  /** Where a member joined: no cursor brings anything from before. */
  joinedSeq(user: UserId, room: RoomId): number | undefined
  now(): number
  onError(error: unknown): void
}

export function createCursorKeeper(deps: CursorDeps) {
  const moved = new Map<Connection, Set<RoomId>>()
  /** Writes about one device that are under way. */
  const turns = new Map<string, Promise<void>>()
  const loading = new WeakMap<Connection, Promise<Map<RoomId, number>>>()
  /** The last write of all that moved. */
  let writing = Promise.resolve()
  const timer = setInterval(() => {
    writing = write()
  }, WRITE_EVERY_MS).unref()

  /** One after another for each device; whoever reads its positions waits for them. */
  function inTurn(name: string, work: () => Promise<void>): Promise<void> {
    const turn = (turns.get(name) ?? Promise.resolve()).then(work)
    const settled: Promise<void> = turn
      .catch(() => undefined) // the caller of `inTurn` hears of it
      .then(() => {
        if (turns.get(name) === settled) turns.delete(name)
      })
    turns.set(name, settled)
    return turn
  }

  async function save(entries: { connection: Connection; room: RoomId; seq: number }[]): Promise<void> {
    if (entries.length === 0) return
    const cursors = entries.map(({ connection, room, seq }) => ({
      user: connection.session.user,
      device: connection.device,
      room,
      seq,
    }))
    await deps.cursors.save(cursors, deps.now())
  }

  /** One cursor per device and room: what every durable view of the room has been acknowledged up to. */
  function positionOf(connection: Connection, room: RoomId): number | undefined {
    const views = (connection.subscriptions.views.get(room) ?? []).filter((one) => one.durable)
    return views.length === 0 ? undefined : Math.min(...views.map((one) => one.acknowledged))
  }

  async function write(only?: Connection): Promise<void> {
    const entries: { connection: Connection; room: RoomId; seq: number }[] = []
    for (const [connection, rooms] of only === undefined ? moved : [[only, moved.get(only) ?? []] as const]) {
      for (const room of rooms) {
        const seq = positionOf(connection, room)
        if (seq !== undefined && seq > 0) entries.push({ connection, room, seq })
      }
    }
    if (only === undefined) moved.clear()
    else moved.delete(only)
    try {
      await save(entries)
    } catch (error) {
      deps.onError(error)
      for (const { connection, room } of entries) if (!connection.link.outlet.closed) mark(connection, room)
    }
  }

  /** Once for each connection, however many filters ask at a time: they all add to the same map. */
  function load(connection: Connection): Promise<Map<RoomId, number>> {
    const before = loading.get(connection)
    if (before !== undefined) return before
    const work = read(connection).catch((error: unknown) => {
      loading.delete(connection)
      throw error
    })
    loading.set(connection, work)
    return work
  }

  async function read(connection: Connection): Promise<Map<RoomId, number>> {
    const { user } = connection.session
    const stored = await deps.cursors.load(user, connection.device)
    for (const [room, seq] of stored) stored.set(room, Math.max(seq, (deps.joinedSeq(user, room) ?? 0) - 1))
    connection.subscriptions.cursors = stored
    return stored
  }

  function mark(connection: Connection, room: RoomId): void {
    const rooms = moved.get(connection)
    if (rooms === undefined) moved.set(connection, new Set([room]))
    else rooms.add(room)
  }

  return {
    /** Takes note of where the durable views of a room are, before its subscriptions change. */
    note(connection: Connection, room: RoomId): void {
      const seq = positionOf(connection, room)
      if (seq !== undefined && seq > 0) connection.subscriptions.cursors?.set(room, seq)
    },
    /**
     * Makes sure of a stored position for each room before the SUBACK, so that nothing said after it is missed: the
     * one that is stored, else the head.
     */
    async prepare(connection: Connection, rooms: readonly RoomId[]): Promise<void> {
      await turns.get(nameOf(connection))
      const known = await load(connection)
      const fresh = rooms.filter((room) => !known.has(room))
      if (fresh.length === 0) return
      const heads = await deps.heads(fresh)
      for (const [room, seq] of heads) if (!known.has(room)) known.set(room, seq)
      await save([...heads].map(([room, seq]) => ({ connection, room, seq })))
    },
    moved: (subscription: ViewSubscription) => mark(subscription.connection, subscription.room),
    /** Writes what is left of a connection that ends. Call before its subscriptions are taken away. */
    async finish(connection: Connection): Promise<void> {
      const written = write(connection)
      await inTurn(nameOf(connection), () => written)
    },
    async forget(connection: Connection, room: RoomId): Promise<void> {
      connection.subscriptions.cursors?.delete(room)
      await inTurn(nameOf(connection), async () => {
        await writing // which may be about this very room
        await deps.cursors.remove({ user: connection.session.user, device: connection.device, room })
      })
    },
    async close(): Promise<void> {
      clearInterval(timer)
      await write()
    },
  }
}

const nameOf = (connection: Connection): string => `${connection.session.user}/${connection.device}`

export type CursorKeeper = ReturnType<typeof createCursorKeeper>
