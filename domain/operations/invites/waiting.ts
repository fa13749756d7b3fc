import { inScope, mayInRoom, type Session } from '../../../auth-plugin/index.ts'
import type { RoomId } from '../../../protocol/ids.ts'
import type { RoomOverview, Store } from '../../../store/index.ts'

/** What waits for an answer of somebody: what a sync tells who was away ([SYN1]). */
export interface Waiting {
  /** Rooms that he is invited to. */
  invitations(session: Session): Promise<number>
  /** Requests to join, of his rooms those where he decides and somebody asks. */
  joinRequests(rooms: readonly RoomOverview[]): Promise<ReadonlyMap<RoomId, number>>
}

export function createWaiting(deps: { store: Pick<Store, 'invites'>; now(): number }): Waiting {
  const { people, requests } = deps.store.invites
  return {
    async invitations(session) {
      const at = deps.now()
      if (session.scope.rooms === null) return people.countOf(session.user, at)
      return (await people.ofUser(session.user, at)).filter(({ room }) => inScope(session, room)).length
    },
    joinRequests(rooms) {
      const at = deps.now()
      const decides = (room: RoomOverview) => mayInRoom('invite', room, at, { role: 'member' }).ok
      const asked = rooms.filter((room) => room.kind === 'private' && room.settings.joinRequests && decides(room))
      return requests.counts(
        asked.map(({ id }) => id),
        at,
      )
    },
  }
}
