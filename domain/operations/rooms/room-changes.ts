/** The one way to change a room or its members: decided again inside the transaction, told on the bus after it. */
import {
  type About,
  type MembershipLookup,
  mayDo,
  type RoomAction,
  type Session,
  type Standing,
} from '../../../auth-plugin/index.ts'
import { ChatError, refusalError } from '../../../protocol/errors.ts'
import type { EventDraft } from '../../../protocol/events.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import type { MemberEntry, Room, Store, Transaction } from '../../../store/index.ts'

/** A change under way: the room is locked, what is read here holds until the commit. */
export type Change = {
  transaction: Transaction
  room: Room
  /** Milliseconds since 1970. */
  at: number
  member(user: UserId): Promise<MemberEntry | undefined>
  /** Whoever lets somebody in asks this first: throws `banned` while a ban of this user lasts. */
  requireNotBanned(user: UserId): Promise<void>
  /** Throws what the policy says no with. */
  require(action: RoomAction, about?: About): void
}

export interface RoomChanges {
  /** From memory where possible; throws what the policy says no with. */
  require(session: Session, room: RoomId, action: RoomAction, about?: About): Promise<Standing>
  /**
   * Runs `work` with the room locked and archives the events that it returns. Throws `not_member` when the room does
   * not exist, `unavailable` when too much waits for the archive.
   */
  change(session: Session, room: RoomId, work: (change: Change) => Promise<EventDraft[]>): Promise<void>
  /** Throws `unavailable` when too much waits for the archive. */
  checkQueue(): void
}

export function createRoomChanges(deps: {
  store: Pick<Store, 'archive' | 'rooms' | 'members'>
  access: MembershipLookup
  now(): number
}): RoomChanges {
  const { store, access, now } = deps

  function checkQueue(): void {
    if (store.archive.full) throw new ChatError('unavailable', { retryAfterMs: 1_000 })
  }

  return {
    checkQueue,
    async require(session, room, action, about) {
      const standing = access.known(session.user, room) ?? (await access.standing(session.user, room))
      return permit(session, room, action, standing, now(), about)
    },
    async change(session, id, work) {
      checkQueue()
      await store.archive.appendWith(id, async (transaction) => {
        const room = await store.rooms.get(id, transaction)
        if (room === undefined) throw new ChatError('not_member')
        const me = await store.members.get(id, session.user, transaction)
        const standing = await store.members.standing(session.user, id, transaction)
        return work({
          transaction,
          room,
          at: now(),
          async requireNotBanned(user) {
            const standing = await store.members.standing(user, id, transaction)
            if ((standing?.bannedUntil ?? 0) <= now()) return
            const publicMessage = 'This user is banned from the room.'
            throw new ChatError('banned', user === session.user ? {} : { publicMessage })
          },
          member: async (user) => (user === session.user ? me : store.members.get(id, user, transaction)),
          require: (action, about) => void permit(session, id, action, standing, now(), about),
        })
      })
    },
  }
}

function permit(
  session: Session,
  room: RoomId,
  action: RoomAction,
  standing: Standing | undefined,
  at: number,
  about?: About,
): Standing {
  const decision = mayDo(session, room, action, standing, at, about)
  if (!decision.ok) throw refusalError(decision.no)
  if (standing === undefined) throw new ChatError('not_member')
  return standing
}
