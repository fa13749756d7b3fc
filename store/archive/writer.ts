/**
 * The archive's writing side: takes what waits, a batch or a change at a time, and commits it. After a lost connection
 * it learns first what became of the batch under way: nothing is lost, nothing is written twice ([P1], [P4]).
 */
import { setTimeout as delay } from 'node:timers/promises'
import { ChatError } from '../../protocol/errors.ts'
import type { RoomId } from '../../protocol/ids.ts'
import { isUnavailable } from '../database-error.ts'
import type { StoreLog } from '../store.ts'
import type { ArchivedEvent } from './archive.ts'
import { archivedEvent, type Entry, encodeEntry } from './entry.ts'
import { type AppendItem, MAX_BATCH, type Queue, type WorkItem } from './queue.ts'
import type { Seqs, WriterConnection } from './writer-connection.ts'

export type WriterFigures = { commits: number; events: number; lastCommitMs: number }

export interface Writer {
  readonly figures: WriterFigures
  /** Something was added to the queue. */
  wake(): void
  /** Finishes what waits, unless the database does not answer. */
  close(): Promise<void>
}

export type WriterOptions = {
  queue: Queue
  connect: () => Promise<WriterConnection>
  /** New events of one commit; called before their senders hear of it. */
  committed: (events: readonly ArchivedEvent[]) => void
  /** Finds the event that a command became before. */
  findEarlier: (room: RoomId, seq: number) => Promise<ArchivedEvent | undefined>
  log: StoreLog
}

/** What was sent and not answered: how to go on when its fate is known. */
type Unsettled = { batch: number; committed: (seqs: Seqs) => void; lost: () => void }

const RETRY_FIRST_MS = 50
const RETRY_LAST_MS = 1_000

export function createWriter({ queue, connect, committed, findEarlier, log }: WriterOptions): Writer {
  const figures: WriterFigures = { commits: 0, events: 0, lastCommitMs: 0 }
  let connection: WriterConnection | undefined
  let batch = 0
  let unsettled: Unsettled | undefined
  /** After a refused batch: so many are sent alone, so that only the culprit is refused. */
  let oneByOne = 0
  let running: Promise<void> | undefined
  let closed = false

  function report(events: ArchivedEvent[], began: number): void {
    figures.commits += 1
    figures.events += events.length
    figures.lastCommitMs = performance.now() - began
    if (events.length > 0) committed(events)
  }

  /** Tells of a committed batch: first everybody of its events, then each sender of his own. */
  function answer(items: readonly AppendItem[], seqs: Seqs, began: number): void {
    const events: ArchivedEvent[] = []
    const mine = items.map(({ entry }, place) => {
      const seq = seqs[place] ?? 0
      if (seq <= 0) return undefined
      const event = archivedEvent(entry.room, seq, entry.draft, entry.json)
      events.push(event)
      return event
    })
    report(events, began)
    items.forEach((item, place) => {
      const event = mine[place]
      if (event !== undefined) queue.finish(item, ({ resolve }) => resolve({ event, duplicate: false }))
      else if (seqs[place] === 0) queue.finish(item, ({ reject }) => reject(new ChatError('room_not_found')))
      else answerDuplicate(item, -(seqs[place] ?? 0))
    })
  }

  function answerDuplicate(item: AppendItem, seq: number): void {
    findEarlier(item.entry.room, seq).then(
      (event) => {
        queue.finish(item, ({ resolve, reject }) =>
          event === undefined ? reject(new ChatError('internal')) : resolve({ event, duplicate: true }),
        )
      },
      (error: unknown) => queue.finish(item, ({ reject }) => reject(error)),
    )
  }

  async function commit(to: WriterConnection, items: readonly AppendItem[]): Promise<void> {
    const began = performance.now()
    const number = ++batch
    unsettled = {
      batch: number,
      committed: (seqs) => answer(items, seqs, began),
      lost: () => queue.putBack(items),
    }
    try {
      const seqs = await to.append(number, encodeBatch(items.map(({ entry }) => entry)))
      unsettled = undefined
      answer(items, seqs, began)
    } catch (error) {
      if (isUnavailable(error)) throw error
      unsettled = undefined
      const [only] = items
      if (items.length > 1) {
        queue.putBack(items)
        oneByOne = items.length
      } else if (only !== undefined) {
        // The error's other fields quote what was sent.
        const reason = error instanceof Error ? error.message : String(error)
        log('error', 'an event was refused by the database', { reason, room: only.entry.room })
        queue.finish(only, ({ reject }) => reject(new ChatError('internal', { cause: error })))
      }
    }
  }

  async function change(to: WriterConnection, item: WorkItem): Promise<void> {
    const began = performance.now()
    const number = ++batch
    let entries: Entry[] = []
    const succeed = (seqs: Seqs) => {
      const events = entries.map(({ room, draft, json }, place) => archivedEvent(room, seqs[place] ?? 0, draft, json))
      report(events, began)
      queue.finish(item, ({ resolve }) => resolve(events))
    }
    const fail = (error: unknown) => queue.finish(item, ({ reject }) => reject(error))
    unsettled = { batch: number, committed: succeed, lost: () => fail(new ChatError('unavailable')) }
    try {
      const seqs = await to.transact(item.room, async (transaction, append) => {
        const drafts = await item.work(transaction)
        entries = drafts.map((draft) => encodeEntry({ room: item.room, draft }))
        const given = await append(number, encodeBatch(entries))
        if (given.includes(0)) throw new ChatError('room_not_found')
        return given
      })
      unsettled = undefined
      succeed(seqs)
    } catch (error) {
      if (isUnavailable(error)) throw error
      unsettled = undefined
      fail(error)
    }
  }

  /** Connects if need be and learns what became of what was under way. */
  async function ready(): Promise<WriterConnection> {
    if (connection !== undefined && !connection.broken) return connection
    const fresh = await connect()
    try {
      const seqs = await fresh.settle(unsettled?.batch ?? batch)
      const then = unsettled
      unsettled = undefined
      if (seqs === undefined) then?.lost()
      else then?.committed(seqs)
    } catch (error) {
      await fresh.close()
      throw error
    }
    connection = fresh
    return fresh
  }

  async function run(): Promise<void> {
    let pause = RETRY_FIRST_MS
    let failing = false
    while (unsettled !== undefined || !queue.empty) {
      try {
        const to = await ready()
        const next = queue.take(oneByOne > 0 ? 1 : MAX_BATCH)
        oneByOne = Math.max(0, oneByOne - 1)
        if (Array.isArray(next)) await commit(to, next)
        else if (next !== undefined) await change(to, next)
        pause = RETRY_FIRST_MS
        if (failing) log('info', 'the archive writes again')
        failing = false
      } catch (error) {
        if (!failing) log('warn', 'the archive cannot write for now', { error, waiting: queue.entries })
        failing = true
        const broken = connection
        connection = undefined
        await broken?.close()
        if (closed) return
        await delay(pause)
        pause = Math.min(pause * 2, RETRY_LAST_MS)
      }
    }
  }

  /** One turn of the event loop later: what was read from the sockets together is committed together. */
  function wake(): void {
    running ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(run)
      .catch((error: unknown) => log('error', 'the archive stopped', { error }))
      .finally(() => {
        running = undefined
        if (!closed && !queue.empty) wake()
      })
  }

  return {
    figures,
    wake,
    async close() {
      closed = true
      while (running !== undefined) await running
      await connection?.close()
    },
  }
}

const encodeBatch = (entries: readonly Entry[]): string => `[${entries.map(({ encoded }) => encoded).join(',')}]`
