import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { Target } from '../connection.ts'
import type { StoreLog } from '../store.ts'
import type { Database } from '../tables.ts'
import type { Appended, Archive, ArchivedEvent } from './archive.ts'
import { encodeEntry } from './entry.ts'
import { createQueue, type Item } from './queue.ts'
import { createReader } from './reader.ts'
import { createWriter } from './writer.ts'
import { connectWriter } from './writer-connection.ts'

/** How often those who wait too long are looked for. */
const LOOK_MS = 200

/** Opens the archive; `close` finishes what is queued, or refuses it when the database does not answer. */
export function createArchive(options: {
  db: Kysely<Database>
  target: Target
  log: StoreLog
}): Archive & { close(): Promise<void> } {
  const { db, target, log } = options
  const name = randomUUID()
  const listeners: ((events: readonly ArchivedEvent[]) => void)[] = []
  const queue = createQueue()
  const { findArchived, ...reader } = createReader(db)

  function committed(events: readonly ArchivedEvent[]): void {
    for (const listener of listeners) {
      try {
        listener(events)
      } catch (error) {
        log('error', 'a listener of the archive failed', { error })
      }
    }
  }

  const connect = () => connectWriter(target, name)
  const writer = createWriter({ queue, connect, committed, findEarlier: findArchived, log })
  let closed = false
  const add = (item: Item) => {
    if (closed) throw new ChatError('unavailable', { context: { archive: 'closed' } })
    queue.add(item)
    writer.wake()
  }
  const look = setInterval(() => queue.refuseOld(performance.now()), LOOK_MS).unref()

  return {
    ...reader,
    append(given) {
      return new Promise<Appended>((resolve, reject) => {
        const entry = encodeEntry(given)
        add({
          kind: 'append',
          entry,
          since: performance.now(),
          bytes: entry.encoded.length,
          over: false,
          resolve,
          reject,
        })
      })
    },
    appendWith(room, work) {
      return new Promise<ArchivedEvent[]>((resolve, reject) => {
        add({ kind: 'work', room, work, since: performance.now(), bytes: 0, over: false, resolve, reject })
      })
    },
    onCommitted: (listener) => void listeners.push(listener),
    get full() {
      return queue.full
    },
    drained: queue.drained,
    stats: () => ({ queued: queue.entries, queuedBytes: queue.bytes, ...writer.figures }),
    async close() {
      closed = true
      await writer.close()
      queue.refuseOld(Number.POSITIVE_INFINITY)
      clearInterval(look)
    },
  }
}
