/**
 * What owners and moderators of the server may do (SPEC.md, ADM1-ADM4): pure, and apart from the policy of rooms, in
 * which a server role counts for nothing.
 */
import type { ServerRole } from '../protocol/server-role.ts'
import { ALLOWED, type Decision, refuse } from './decision.ts'

export type ServerAction =
  | 'see-status'
  | 'list-users'
  | 'list-rooms'
  | 'see-reports'
  | 'close-reports'
  | 'remove-reported-message'
  | 'make-invites'
  | 'suspend'
  | 'restore'
  | 'end-sessions'
  | 'remove-second-factor'
  | 'see-audit'
  | 'create-user'
  | 'change-role'

/** `target`: the server role of the user concerned; `self`: it is oneself. */
export type ServerAbout = { target?: ServerRole | undefined; self?: boolean }

/** Actions on a person: on those who have no role, unless an owner acts. */
const ON_PEOPLE: ReadonlySet<ServerAction> = new Set(['suspend', 'restore', 'end-sessions', 'remove-second-factor'])
const OWNERS_ONLY: ReadonlySet<ServerAction> = new Set([
  'remove-second-factor',
  'see-audit',
  'create-user',
  'change-role',
])

/** May somebody with this server role do this? Without a role: nothing. */
export function mayAdminister(
  role: ServerRole | undefined,
  action: ServerAction,
  { target, self = false }: ServerAbout = {},
): Decision {
  if (role === undefined) return refuse('forbidden')
  if (role !== 'owner' && OWNERS_ONLY.has(action)) return refuse('forbidden')
  if (action === 'suspend' && self) return refuse('conflict', 'Nobody suspends himself.')
  if (ON_PEOPLE.has(action) && role !== 'owner' && target !== undefined && !self) return refuse('forbidden')
  return ALLOWED
}
