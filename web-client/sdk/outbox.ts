/**
 * Commands on their way to the log: first in, first out in each room, one on the wire at a time, stored before they are
 * sent. A command leaves the outbox when the log has it, when it is taken back, or stays as failed.
 */
import { ChatError } from '../../protocol/errors.ts'
import type { Sent } from '../../protocol/http.ts'
import type { CommandId, RoomId, UserId } from '../../protocol/ids.ts'
import { MAX_TEXT_BYTES } from '../../protocol/limits.ts'
import { cleanText, utf8Length } from '../../protocol/text.ts'
import { makeId } from './make-id.ts'
import type { Clock, OutboxStorage } from './ports.ts'
import type { OutboxCommand, OutboxEntry, PendingState } from './snapshot.ts'

const ECHO_MS = 3_000
const FIRST_RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000
/** A server that says `internal` to the same command so often will not change its mind. */
const MAX_INTERNAL = 5

const QUEUED: PendingState = { kind: 'queued' }
const SENDING: PendingState = { kind: 'sending' }

export type OutboxOptions = {
  storage: OutboxStorage
  clock: Clock
  random(): number
  /** Resolves when the server acknowledged; rejects when the connection ended before. */
  publish(entry: OutboxEntry): Promise<void>
  /** Asks for the place of an acknowledged command whose event did not come; safe, because the id makes it once. */
  locate(entry: OutboxEntry): Promise<Sent>
  /** A command reached the log at `seq` without its event having been seen. */
  onLocated(room: RoomId, seq: number): void
  onChange(room: RoomId): void
  onStorageFailed(): void
}

export interface Outbox {
  /** Takes over what this user left unsent. */
  load(user: UserId): Promise<void>
  /** Forgets everything in memory; with `forget` in the storage too. */
  close(forget: boolean): void
  add(room: RoomId, command: OutboxCommand): CommandId
  of(room: RoomId): readonly OutboxEntry[]
  /** The connection is there and caught up. */
  resume(): void
  /** The connection ended; what was on the wire is sent again under the same id. */
  pause(): void
  /** The log has this command of ours. */
  settle(room: RoomId, id: CommandId): void
  /** The server said no. Whether it was one of ours. */
  reject(id: string, error: ChatError): boolean
  retry(room: RoomId, id: CommandId): void
  /** False when it is gone or being sent. */
  discard(room: RoomId, id: CommandId): boolean
}

/** What is known of an entry beside its public state. */
type Item = { entry: OutboxEntry; saved: Promise<void>; acknowledged: boolean; refusals: number; timer: unknown }

const NONE: readonly OutboxEntry[] = []

export function createOutbox(options: OutboxOptions): Outbox {
  const { clock, storage } = options
  const rooms = new Map<RoomId, Item[]>()
  const shown = new Map<RoomId, readonly OutboxEntry[]>()
  let user: UserId | undefined
  let order = 0
  let running = false

  function changed(room: RoomId): void {
    shown.delete(room)
    options.onChange(room)
  }

  async function store(change: Promise<void>): Promise<void> {
    await change.catch(() => options.onStorageFailed())
  }

  function find(room: RoomId, id: string): Item | undefined {
    return rooms.get(room)?.find(({ entry }) => entry.id === id)
  }

  function setState(item: Item, state: PendingState): void {
    clock.clearTimeout(item.timer)
    item.timer = undefined
    item.acknowledged = false
    item.entry = { ...item.entry, state }
    changed(item.entry.room)
  }

  function append(entry: OutboxEntry, saved: Promise<void>): void {
    const items = rooms.get(entry.room) ?? []
    rooms.set(entry.room, items)
    items.push({ entry, saved, acknowledged: false, refusals: 0, timer: undefined })
    changed(entry.room)
  }

  function remove(item: Item): void {
    const { room } = item.entry
    clock.clearTimeout(item.timer)
    rooms.set(
      room,
      (rooms.get(room) ?? []).filter((other) => other !== item),
    )
    // In turn: a removal that overtakes its own `put` would leave the entry behind.
    void item.saved.then(() => store(storage.remove(item.entry)))
    changed(room)
    pump(room)
  }

  /** Sends the next one of a room, unless one is on the wire or waits for its time. */
  function pump(room: RoomId): void {
    if (!running) return
    const next = rooms.get(room)?.find(({ entry, acknowledged }) => entry.state.kind !== 'failed' && !acknowledged)
    if (next?.entry.state.kind !== 'queued' || next.timer !== undefined) return
    setState(next, SENDING)
    void send(next)
  }

  async function send(item: Item): Promise<void> {
    const { entry } = item
    try {
      await item.saved
      if (item.entry !== entry) return
      await options.publish(entry)
    } catch {
      // The connection ended: `pause` puts it back into the queue.
      return
    }
    if (item.entry !== entry || !isHeld(item)) return
    item.acknowledged = true
    item.timer = clock.setTimeout(() => void locate(item), ECHO_MS)
    pump(entry.room)
  }

  async function locate(item: Item): Promise<void> {
    const { entry } = item
    const answer = await options.locate(entry).catch((error: unknown) => error)
    if (item.entry !== entry || !isHeld(item)) return
    if (!(answer instanceof ChatError)) {
      options.onLocated(entry.room, (answer as Sent).seq)
      remove(item)
    } else if (answer.retryable) item.timer = clock.setTimeout(() => void locate(item), ECHO_MS)
    else fail(item, answer)
  }

  const isHeld = (item: Item): boolean => find(item.entry.room, item.entry.id) === item

  function fail(item: Item, { code, retryable }: ChatError): void {
    setState(item, { kind: 'failed', code, retryable })
    void item.saved.then(() => store(storage.put(item.entry)))
    pump(item.entry.room)
  }

  function wait(item: Item, ms: number): void {
    setState(item, QUEUED)
    item.timer = clock.setTimeout(() => {
      item.timer = undefined
      pump(item.entry.room)
    }, ms)
  }

  return {
    async load(next) {
      user = next
      const entries = await storage.load(next).catch(() => {
        options.onStorageFailed()
        return []
      })
      if (user !== next) return
      const early = [...rooms.values()].flat()
      rooms.clear()
      for (const entry of entries.sort((a, b) => a.order - b.order)) {
        order = Math.max(order, entry.order)
        const state = entry.state.kind === 'sending' ? QUEUED : entry.state
        if (!early.some((item) => item.entry.id === entry.id)) append({ ...entry, state }, Promise.resolve())
      }
      for (const { entry, saved } of early) append({ ...entry, order: ++order }, saved)
      for (const room of rooms.keys()) pump(room)
    },
    close(forget) {
      running = false
      user = undefined
      for (const [room, items] of rooms) {
        for (const { entry, saved, timer } of items) {
          clock.clearTimeout(timer)
          if (forget) void saved.then(() => store(storage.remove(entry)))
        }
        rooms.delete(room)
        changed(room)
      }
    },
    add(room, command) {
      if (user === undefined) throw new ChatError('unauthorized')
      const id = makeId(options.random, 16) as CommandId
      const entry: OutboxEntry = {
        user,
        room,
        id,
        order: ++order,
        at: clock.now(),
        command: checked(command),
        state: QUEUED,
      }
      append(entry, store(storage.put(entry)))
      pump(room)
      return id
    },
    of(room) {
      const known = shown.get(room)
      if (known) return known
      const entries = rooms.get(room)?.map(({ entry }) => entry) ?? NONE
      shown.set(room, entries)
      return entries
    },
    resume() {
      running = true
      for (const room of rooms.keys()) pump(room)
    },
    pause() {
      running = false
      for (const item of [...rooms.values()].flat()) if (item.entry.state.kind === 'sending') setState(item, QUEUED)
    },
    settle(room, id) {
      const item = find(room, id)
      if (item) remove(item)
    },
    reject(id, error) {
      const item = [...rooms.values()].flat().find(({ entry }) => entry.id === id)
      if (item?.entry.state.kind !== 'sending') return item !== undefined
      const isHopeless = error.code === 'internal' && ++item.refusals >= MAX_INTERNAL
      if (!error.retryable || isHopeless) fail(item, error)
      else wait(item, error.retryAfterMs ?? Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** item.refusals))
      return true
    },
    retry(room, id) {
      const item = find(room, id)
      if (item?.entry.state.kind !== 'failed') return
      item.refusals = 0
      setState(item, QUEUED)
      void item.saved.then(() => store(storage.put(item.entry)))
      pump(room)
    },
    discard(room, id) {
      const item = find(room, id)
      if (!item || item.entry.state.kind === 'sending') return false
      remove(item)
      return true
    },
  }
}

/** The command as the server would take it; throws ChatError for what it would refuse or could not even read. */
function checked(command: OutboxCommand): OutboxCommand {
  if (!('text' in command)) return command
  const text = cleanText(command.text)
  if (text === undefined || text.length === 0) throw new ChatError('invalid_command')
  if (utf8Length(text) > MAX_TEXT_BYTES) throw new ChatError('too_large')
  return { ...command, text }
}
