/**
 * Tells members that a message names them ([INB1]), unless they have blocked its author ([PEO11]): after the commit,
 * never in the way of the sender.
 */
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { ArchivedEvent, Store } from '../../store/index.ts'
import type { Bus } from '../bus/bus.ts'
import type { Log } from '../log.ts'
import type { PrivacyBoard } from '../people/index.ts'

/** Messages with mentions that may wait; what comes beyond is not told. The message itself is in the log. */
const WAITING_AT_MOST = 10_000

export interface MentionNotices {
  /** Resolves when everything is told. */
  close(): Promise<void>
}

type Mention = { seq: number; from: UserId; users: readonly UserId[] }

export function createMentionNotices(deps: {
  store: { archive: Pick<Store['archive'], 'onCommitted'>; marks: Pick<Store['marks'], 'counts'> }
  privacy: PrivacyBoard
  bus: Bus
  log: Log
}): MentionNotices {
  const { store, privacy, bus, log } = deps
  const waiting = new Map<RoomId, Mention[]>()
  let count = 0
  let telling: Promise<void> | undefined

  store.archive.onCommitted((events) => {
    for (const event of events) add(event)
    if (waiting.size > 0) telling ??= tellAll()
  })

  function add({ room, seq, draft }: ArchivedEvent): void {
    if (draft.type !== 'message' || draft.mentions === undefined) return
    const users = draft.mentions.filter((user) => user !== draft.from)
    if (users.length === 0) return
    if (count >= WAITING_AT_MOST) {
      log.warn({ room, seq }, 'too many mentions wait, notice left out')
      return
    }
    count++
    const mentions = waiting.get(room)
    const mention = { seq, from: draft.from, users }
    if (mentions === undefined) waiting.set(room, [mention])
    else mentions.push(mention)
  }

  async function tellRoom(room: RoomId, mentions: readonly Mention[]): Promise<void> {
    try {
      const named = [...new Set(mentions.flatMap((mention) => mention.users))]
      const counts = await store.marks.counts(named.map((user) => ({ room, user }))) // has members only
      const members = new Set(counts.map(({ user }) => user))
      const rules = await privacy.of([...members])
      for (const { seq, from, users } of mentions) {
        for (const user of new Set(users)) {
          if (!members.has(user) || rules.get(user)?.blocks.has(from)) continue
          bus.emit('inbox', { user, notice: { type: 'mention', room, seq, from } })
        }
      }
    } catch (error) {
      log.warn({ err: error, room }, 'members not readable, mention notices left out')
    }
  }

  async function tellAll(): Promise<void> {
    for (const [room, mentions] of waiting) {
      waiting.delete(room)
      count -= mentions.length
      await tellRoom(room, mentions)
    }
    telling = undefined
  }

  return {
    async close() {
      await telling
    },
  }
}
