import type { User } from '../../../protocol/http.ts'
import { CONTACTS_MAX } from '../../../protocol/limits.ts'
import type { Store } from '../../../store/index.ts'
import { noInput } from '../no-input.ts'
import { defineOperation } from '../table.ts'

/** Those with whom I share a private or a direct room ([PEO4]). A token for some rooms does not learn who is elsewhere. */
export function contactsOperation({ store }: { store: Store }) {
  return defineOperation({
    name: 'contacts',
    summary: 'The people with whom I share a private or a direct room, by display name.',
    input: noInput,
    access: 'read',
    http: { method: 'GET', path: '/api/contacts' },
    mqtt: true,
    async handle(_input, { session }): Promise<{ contacts: User[] }> {
      if (session.scope.rooms !== null) return { contacts: [] }
      return { contacts: await store.people.contacts(session.user, CONTACTS_MAX) }
    },
  })
}
