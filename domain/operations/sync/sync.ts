import * as z from 'zod/mini'
import { inScope, type Session } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import type { Sync, SyncRoom } from '../../../protocol/http.ts'
import { SYNC_USERS } from '../../../protocol/limits.ts'
import type { RoomOverview, Store } from '../../../store/index.ts'
import type { PrivacyBoard, Sight } from '../../people/index.ts'
import type { Receipts } from '../../receipts/index.ts'
import type { Waiting } from '../invites/index.ts'
import { roomInfo } from '../rooms/room-info.ts'
import { defineOperation } from '../table.ts'

/** Everything a client needs to start, in one answer ([SYN1]): a fixed number of queries, however many rooms. */
export function syncOperation(deps: {
  store: Store
  sight: Sight
  privacy: PrivacyBoard
  receipts: Receipts
  waiting: Waiting
}) {
  const { store, sight, privacy, receipts, waiting } = deps

  /** Display data of everybody in my rooms. A token for some rooms does not learn who is in the others. */
  async function companions(session: Session): Promise<Sync['users']> {
    if (session.scope.rooms !== null) return []
    const users = await store.members.companions(session.user, SYNC_USERS)
    const present = await sight.presences(
      session.user,
      users.map((user) => user.id),
    )
    return users.map((user) => {
      const known = present.get(user.id)
      return { ...user, ...(known && { presence: known }) }
    })
  }

  return defineOperation({
    name: 'sync',
    summary: 'My rooms with heads, marks, counts and last messages, and the people in them.',
    input: z.object({}),
    access: 'read',
    http: { method: 'GET', path: '/api/sync' },
    mqtt: true,
    async handle(_, { session }): Promise<Sync> {
      await receipts.flush()
      const [me, rooms, users, rules, invitations] = await Promise.all([
        store.accounts.users.get(session.user),
        store.rooms.overview(session.user),
        companions(session),
        privacy.of([session.user]),
        waiting.invitations(session),
      ])
      if (me === undefined) throw new ChatError('user_not_found')
      const blocked = [...(rules.get(session.user)?.blocks ?? [])]
      const mine = rooms.filter(({ id }) => inScope(session, id))
      const asked = await waiting.joinRequests(mine)
      return { me, rooms: mine.map((room) => syncRoom(room, asked.get(room.id))), users, blocked, invitations }
    },
  })
}

function syncRoom(room: RoomOverview, joinRequests: number | undefined): SyncRoom {
  const { read, delivered, unread, mentions, last, peer } = room
  return {
    ...roomInfo(room, room.role, room.mutedUntil),
    read,
    delivered,
    unread,
    mentions,
    ...(last && { last }),
    ...(peer && { peer }),
    ...(joinRequests !== undefined && { joinRequests }),
  }
}
