import type { Role } from '../../../../protocol/events.ts'

/** The most powerful first. */
export const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'reader']
export const ROLE_NAMES: Record<Role, string> = { owner: 'Owner', admin: 'Admin', member: 'Member', reader: 'Reader' }
export const aRole = (role: Role): string => (role === 'owner' || role === 'admin' ? `an ${role}` : `a ${role}`)
