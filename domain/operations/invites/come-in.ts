import type { Session } from '../../../auth-plugin/index.ts'
import type { EventDraft } from '../../../protocol/events.ts'
import type { InvitedRole } from '../../../protocol/http/invites.ts'
import type { RoomInfo } from '../../../protocol/http.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import type { Change } from '../rooms/room-changes.ts'
import type { InviteDeps } from './deps.ts'

/** Who let somebody in, and as what. */
export type Admission = { by: UserId; role: InvitedRole }

/**
 * Joins a room as somebody who was let in. `admit` runs inside the change and throws when he is not, after all. Who is
 * a member already gets the room, and `admit` is not asked.
 */
export type ComeIn = (
  session: Session,
  room: RoomId,
  admit: (change: Change) => Promise<Admission>,
) => Promise<RoomInfo>

type Deps = Pick<InviteDeps, 'store' | 'bus' | 'changes' | 'show'>

export function createComeIn({ store, bus, changes, show }: Deps): ComeIn {
  return async (session, room, admit) => {
    const { user } = session
    const standing = await changes.require(session, room, 'come-in')
    if (standing.role !== undefined) return show(room, user)
    let joined: Admission | undefined
    await changes.change(session, room, async (change) => {
      change.require('come-in')
      if ((await change.member(user)) !== undefined) return []
      await change.requireNotBanned(user)
      const admission = await admit(change)
      const draft = await letIn({ store, change, user, ...admission })
      joined = admission
      return [draft]
    })
    if (joined !== undefined) {
      bus.emit('membership', { room, user, role: joined.role })
      bus.emit('room', { room })
    }
    return show(room, user)
  }
}

/** Makes somebody a member inside a change; answers the event, in the name of who let him in. */
export async function letIn(options: {
  store: InviteDeps['store']
  change: Change
  user: UserId
  by: UserId
  role: InvitedRole
}): Promise<EventDraft> {
  const { store, change, user, by, role } = options
  const { id: room } = change.room
  await store.members.put(change.transaction, { room, user, role, at: change.at })
  return { type: 'joined', from: by, at: change.at, user, role }
}
