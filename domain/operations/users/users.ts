import { ChatError } from '../../../protocol/errors.ts'
import { listUsersInput, type User, userInput } from '../../../protocol/http.ts'
import type { Presence } from '../../../protocol/presence.ts'
import type { Store } from '../../../store/index.ts'
import type { PresenceBoard } from '../../presence/index.ts'
import { defineOperation } from '../table.ts'

export function usersOperation({ store }: { store: Store }) {
  return defineOperation({
    name: 'users',
    summary: 'Users whose name or display name begins with `q`.',
    input: listUsersInput,
    access: 'read',
    http: { method: 'GET', path: '/api/users' },
    mqtt: true,
    async handle({ q, limit }): Promise<{ users: User[] }> {
      const found = await store.accounts.users.search({ text: q.trim(), limit })
      return { users: found.map(({ id, displayName }) => ({ id, displayName })) }
    },
  })
}

export function userOperation({ store, presence }: { store: Store; presence: PresenceBoard }) {
  return defineOperation({
    name: 'user',
    summary: 'One user, with presence.',
    input: userInput,
    access: 'read',
    http: { method: 'GET', path: '/api/users/:user' },
    mqtt: true,
    async handle({ user }): Promise<User & { presence?: Presence }> {
      const found = await store.accounts.users.get(user)
      if (found === undefined) throw new ChatError('user_not_found')
      const present = (await presence.of([user])).get(user)
      return { id: found.id, displayName: found.displayName, ...(present && { presence: present }) }
    },
  })
}
