/** How far members have read and been delivered: what their devices report becomes what the server states ([RCP1]). */
import { type MembershipLookup, mayPublish, type Session, type Standing } from '../../auth-plugin/index.ts'
import { ChatError, refusalError } from '../../protocol/errors.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import { MAX_SEQ } from '../../protocol/limits.ts'
import type { Mark, Receipt } from '../../protocol/presence.ts'
import type { MarkAdvance, Store } from '../../store/index.ts'
import type { Bus } from '../bus/bus.ts'
import type { Log } from '../log.ts'
import { createRecent } from '../recent.ts'
import type { Timers } from '../time.ts'
import { createReadNotices } from './read-notices.ts'

/** Marks that come within this time after a write go into the next one. */
const WRITE_EVERY_MS = 200
/** Marks in one statement. */
const BATCH = 1_000
/** Receipts remembered, so that a mark which moves nothing is not told to the room. */
const RECEIPTS_REMEMBERED = 20_000

export interface Receipts {
  /**
   * Moves a member's marks forward, never back and never past the room's head. Resolves when they are stored, with
   * where they stand now. Notes of it go out on the bus (`receipt`, and `inbox` with the counts when `read` moved).
   * Throws what the policy says no with, `not_member`, or `unavailable`.
   */
  mark(session: Session, room: RoomId, mark: Mark): Promise<Receipt>
  /** Resolves when all marks given so far are stored or have failed. */
  flush(): Promise<void>
  close(): Promise<void>
}

type Waiting = {
  advance: MarkAdvance
  done: Promise<Receipt>
  resolve(receipt: Receipt): void
  reject(error: unknown): void
}

export function createReceipts(deps: {
  store: { marks: Pick<Store['marks'], 'advance' | 'counts'> }
  access: MembershipLookup
  bus: Bus
  now(): number
  timers: Timers
  log: Log
}): Receipts {
  const { store, access, bus, now, timers } = deps
  const notices = createReadNotices(deps)
  const told = createRecent<string, Receipt>(RECEIPTS_REMEMBERED)
  let waiting = new Map<string, Waiting>()
  /** Marks whose sender is being looked up; each resolves when its mark is in `waiting`. */
  const entering = new Set<Promise<{ stored: Promise<Receipt> }>>()
  let writing: Promise<void> | undefined
  /** Takes back the timer that ends the rest after a write. */
  let resting: (() => void) | undefined

  bus.on('membership', ({ room, user, role }) => {
    if (role === null) told.delete(keyOf(room, user)) // the marks are gone with the membership
  })

  function admit(session: Session, room: RoomId, mark: Mark, standing: Standing | undefined): Promise<Receipt> {
    const decision = mayPublish(session, { kind: 'mark', room }, standing, now())
    if (!decision.ok) throw refusalError(decision.no)
    return enqueue(room, session.user, mark)
  }

  function enqueue(room: RoomId, user: UserId, mark: Mark): Promise<Receipt> {
    const key = keyOf(room, user)
    const present = waiting.get(key)
    if (present !== undefined) {
      present.advance = { room, user, ...further(present.advance, mark) }
      return present.done
    }
    const entry = createWaiting({ room, user, ...further({}, mark) })
    waiting.set(key, entry)
    if (writing === undefined && resting === undefined) void writeAll()
    return entry.done
  }

  function writeAll(): Promise<void> {
    resting?.()
    resting = undefined
    writing = writeWaiting().finally(() => {
      writing = undefined
      resting = timers.after(WRITE_EVERY_MS, () => {
        resting = undefined
        if (waiting.size > 0) void writeAll()
      })
    })
    return writing
  }

  /** Never rejects: a failure is told to those who wait for their mark. */
  async function writeWaiting(): Promise<void> {
    await Promise.resolve() // marks of this turn go together
    const batch = [...waiting.values()]
    waiting = new Map()
    for (let start = 0; start < batch.length; start += BATCH) await write(batch.slice(start, start + BATCH))
  }

  async function write(batch: Waiting[]): Promise<void> {
    try {
      const receipts = await store.marks.advance(batch.map((entry) => entry.advance))
      batch.forEach((entry, i) => {
        settle(entry, receipts[i])
      })
    } catch (error) {
      for (const entry of batch) entry.reject(error)
    }
  }

  function settle({ advance: { room, user, ...mark }, resolve, reject }: Waiting, receipt: Receipt | undefined): void {
    if (receipt === undefined) {
      reject(new ChatError('not_member'))
      return
    }
    const before = told.get(keyOf(room, user))
    told.set(keyOf(room, user), receipt)
    resolve(receipt)
    if (before?.read === receipt.read && before.delivered === receipt.delivered) return
    const read = mark.read !== undefined && before?.read !== receipt.read
    bus.emit('receipt', { room, user, receipt, read })
    if (before?.read !== receipt.read) notices.tell(room, user, receipt.read)
  }

  async function flush(): Promise<void> {
    await Promise.allSettled(entering)
    await writing
    if (waiting.size > 0) await writeAll()
  }

  return {
    async mark(session, room, mark) {
      const { user } = session
      const known = access.known(user, room)
      if (known !== undefined) return admit(session, room, mark, known)
      const entry = access.standing(user, room).then((standing) => ({ stored: admit(session, room, mark, standing) }))
      entering.add(entry)
      try {
        return (await entry).stored
      } finally {
        entering.delete(entry)
      }
    },
    flush,
    async close() {
      await flush()
      resting?.()
      await notices.close()
    },
  }
}

function createWaiting(advance: MarkAdvance): Waiting {
  let resolve!: Waiting['resolve']
  let reject!: Waiting['reject']
  const done = new Promise<Receipt>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { advance, done, resolve, reject }
}

const keyOf = (room: RoomId, user: UserId): string => `${room}/${user}`

/** The further of both, field by field. */
function further(one: Mark, other: Mark): { read?: number; delivered?: number } {
  const read = Math.min(Math.max(one.read ?? -1, other.read ?? -1), MAX_SEQ)
  const delivered = Math.min(Math.max(one.delivered ?? -1, other.delivered ?? -1), MAX_SEQ)
  return { ...(read >= 0 && { read }), ...(delivered >= 0 && { delivered }) }
}
