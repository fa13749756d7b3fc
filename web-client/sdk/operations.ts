/** The operations of the server that need nothing of what is known here, as HTTP calls. */
import type { ChatClient } from './actions.ts'
import { queryString } from './http-client.ts'
import type { Session } from './session.ts'

export type Operations = Pick<ChatClient, 'browsePublicRooms' | 'putMember' | 'removeMember' | 'updateRoom'>

export function createOperations(call: Session['call']): Operations {
  /** The list that an answer carries under its name. */
  const list = async <Item>(path: string, name: string): Promise<Item[]> =>
    (await call<Record<string, Item[]>>('GET', path))[name] ?? []

  return {
    browsePublicRooms: (query) => list(`/rooms${queryString({ scope: 'public', q: query })}`, 'rooms'),
    updateRoom: (room, changes) => call('PATCH', `/rooms/${room}`, changes),
    putMember: (room, user, role) => call('PUT', `/rooms/${room}/members/${user}`, { role }),
    removeMember: (room, user) => call('DELETE', `/rooms/${room}/members/${user}`),
  }
}
