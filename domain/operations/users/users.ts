import { ChatError } from '../../../protocol/errors.ts'
import type { Profile } from '../../../protocol/http/people.ts'
import { listUsersInput, type User, userInput } from '../../../protocol/http.ts'
import { SHARED_ROOMS_MAX } from '../../../protocol/limits.ts'
import type { Store } from '../../../store/index.ts'
import type { Sight } from '../../people/index.ts'
import { defineOperation } from '../table.ts'

export function usersOperation({ store }: { store: Store }) {
  return defineOperation({
    name: 'users',
    summary: 'Users whose name or display name begins with `q`.',
    input: listUsersInput,
    access: 'read',
    http: { method: 'GET', path: '/api/users' },
    mqtt: true,
    limit: 'searches',
    async handle({ q, limit }): Promise<{ users: User[] }> {
      const found = await store.accounts.users.search({ text: q.trim(), limit })
      return { users: found.map(({ id, displayName, avatar }) => ({ id, displayName, ...(avatar && { avatar }) })) }
    },
  })
}

/** What one may know of another ([PEO3]). A token for some rooms does not learn who is in the others. */
export function userOperation({ store, sight }: { store: Store; sight: Sight }) {
  return defineOperation({
    name: 'user',
    summary: 'One user: the profile, the presence as far as it may be seen, and the rooms of both.',
    input: userInput,
    access: 'read',
    http: { method: 'GET', path: '/api/users/:user' },
    mqtt: true,
    async handle({ user }, { session }): Promise<Profile> {
      const mayKnowRooms = session.scope.rooms === null && user !== session.user
      const [found, seen, rooms] = await Promise.all([
        store.accounts.users.get(user),
        sight.presences(session.user, [user]),
        mayKnowRooms ? store.people.sharedRooms(session.user, user, SHARED_ROOMS_MAX) : [],
      ])
      if (found === undefined) throw new ChatError('user_not_found')
      const { createdAt: _, ...profile } = found
      const presence = seen.get(user)
      return { ...profile, ...(presence && { presence }), rooms }
    },
  })
}
