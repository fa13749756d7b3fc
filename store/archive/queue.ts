/** What waits for the archive's one writer: in order, bounded, and not for ever. */
import { ChatError } from '../../protocol/errors.ts'
import type { EventDraft } from '../../protocol/events.ts'
import type { RoomId } from '../../protocol/ids.ts'
import type { Transaction } from '../tables.ts'
import type { Appended, ArchivedEvent } from './archive.ts'
import type { Entry } from './entry.ts'

type Waiting<Result> = {
  since: number
  bytes: number
  /** Answered or refused: whoever waited does so no longer. */
  over: boolean
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}
export type AppendItem = Waiting<Appended> & { kind: 'append'; entry: Entry }
export type WorkItem = Waiting<ArchivedEvent[]> & {
  kind: 'work'
  room: RoomId
  work: (transaction: Transaction) => Promise<EventDraft[]>
}
export type Item = AppendItem | WorkItem

export const MAX_BATCH = 1_000
const MAX_BATCH_BYTES = 4 * 2 ** 20
const FULL_ENTRIES = 20_000
const FULL_BYTES = 32 * 2 ** 20
const PATIENCE_MS = 5_000

export interface Queue {
  readonly full: boolean
  readonly entries: number
  readonly bytes: number
  /** Whether nothing waits to be taken. */
  readonly empty: boolean
  drained(): Promise<void>
  /** Throws `unavailable` beyond twice the bound. */
  add(item: Item): void
  /** The next change alone, or as many appends as fit in a batch of at most `limit`; refused ones are left out. */
  take(limit: number): AppendItem[] | WorkItem | undefined
  /** Puts back what was taken and not committed. */
  putBack(items: readonly AppendItem[]): void
  /** Ends an item's wait, in whichever way: `tell` is called unless it ended before. */
  finish<Any extends Item>(item: Any, tell: (item: Any) => void): void
  /** Refuses what waits longer than it should, taken or not. */
  refuseOld(now: number): void
}

export function createQueue(): Queue {
  /** Everything that is not over, and what is over but taken; oldest first. */
  let waiting: Item[] = []
  let first = 0
  /** Added and not finished. */
  const open = new Set<Item>()
  let bytes = 0
  let drains: (() => void)[] = []

  const isFull = (times: number) => open.size >= FULL_ENTRIES * times || bytes >= FULL_BYTES * times

  function finish<Any extends Item>(item: Any, tell: (item: Any) => void): void {
    if (item.over) return
    item.over = true
    open.delete(item)
    bytes -= item.bytes
    tell(item)
    if (drains.length > 0 && !isFull(0.5)) {
      const told = drains
      drains = []
      for (const drain of told) drain()
    }
  }

  function next(): Item | undefined {
    while (first < waiting.length && waiting[first]?.over) first += 1
    return waiting[first]
  }

  return {
    get full() {
      return isFull(1)
    },
    get entries() {
      return open.size
    },
    get bytes() {
      return bytes
    },
    get empty() {
      return next() === undefined
    },
    drained: () => (isFull(1) ? new Promise((resolve) => drains.push(resolve)) : Promise.resolve()),
    add(item) {
      if (isFull(2)) throw new ChatError('unavailable', { context: { archive: 'the queue is full' } })
      waiting.push(item)
      open.add(item)
      bytes += item.bytes
    },
    take(limit) {
      const head = next()
      if (head === undefined) return undefined
      if (head.kind === 'work') {
        first += 1
        return head
      }
      const batch: AppendItem[] = []
      const keys = new Set<string>()
      let size = 0
      for (let item = next(); item?.kind === 'append' && batch.length < limit; item = next()) {
        if (size > MAX_BATCH_BYTES || item.entry.keys.some((key) => keys.has(key))) break
        for (const key of item.entry.keys) keys.add(key)
        size += item.bytes
        batch.push(item)
        first += 1
      }
      if (first > 10_000 || first === waiting.length) {
        waiting = waiting.slice(first)
        first = 0
      }
      return batch
    },
    putBack(items) {
      waiting = [...items, ...waiting.slice(first)]
      first = 0
    },
    finish,
    refuseOld(now) {
      // A set is walked in the order of additions.
      for (const item of open) {
        if (item.since > now - PATIENCE_MS) return
        finish(item, ({ reject }) => reject(new ChatError('unavailable', { context: { archive: 'waited too long' } })))
      }
    },
  }
}
