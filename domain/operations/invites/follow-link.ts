import { mayInRoom, type Session } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import type { RoomInfo } from '../../../protocol/http.ts'
import type { InviteEntry } from '../../../store/index.ts'
import { type ComeIn, createComeIn } from './come-in.ts'
import type { InviteDeps } from './deps.ts'

/**
 * Joins the room of a link; who is in it already gets the room. `counted`: this use was counted before. Throws
 * `invalid_link` when the link does not work any more or leads to no room.
 */
export type FollowLink = (session: Session, link: InviteEntry, counted?: 'counted') => Promise<RoomInfo>

export function createFollowLink(deps: InviteDeps): FollowLink {
  const { store } = deps
  const comeIn: ComeIn = createComeIn(deps)
  return (session, link, counted) => {
    const { room, by, role } = link
    if (room === undefined || by === undefined || role === undefined) throw new ChatError('invalid_link')
    return comeIn(session, room, async ({ transaction, at }) => {
      const standing = await store.members.standing(by, room, transaction)
      const may = mayInRoom('invite', standing, at, { role }).ok
      if (!may || (counted === undefined && !(await store.invites.links.use(link.id, at, transaction)))) {
        throw new ChatError('invalid_link')
      }
      return { by, role }
    })
  }
}
