import type { Kysely } from 'kysely'
import type { Database } from '../tables.ts'
import { createInvitations } from './invitations.ts'
import { createInviteLinks } from './invite-links.ts'
import type { Invites } from './invites.ts'
import { createJoinRequests } from './join-requests.ts'

export type { InviteEntry, Invites } from './invites.ts'
export type { InviteTables } from './tables.ts'

export function createInvites(db: Kysely<Database>): Invites {
  return { people: createInvitations(db), requests: createJoinRequests(db), links: createInviteLinks(db) }
}
