/**
 * May you, in a room? The one table of roles, kinds and settings: pure and synchronous, so that the server decides by it
 * and clients offer by it (SPEC.md, ACL1-ACL10). Credentials are the business of auth-plugin.
 */
import { ALLOWED, type Decision, grant, refuse } from './decision.ts'
import type { Role, RoomKind } from './events.ts'
import type { RoomPermissions, RoomSettings } from './room-settings.ts'

/** What the policy needs to know of a user and a room. Times in milliseconds since 1970, `FOREVER` for no end. */
export type Standing = {
  kind: RoomKind
  settings: RoomSettings
  archived?: true
  /** Absent for those who are not members. */
  role?: Role
  joinedSeq?: number
  /** A member who may not write until then. */
  mutedUntil?: number
  /** Somebody who may neither come in nor read until then. */
  bannedUntil?: number
  /** A direct room whose other member has blocked this one. He is not told. */
  blocked?: true
}

/** The end of what has none: the last time that JavaScript knows. */
export const FOREVER = 8_640_000_000_000_000

/**
 * What somebody may want to do in a room. `write` is to send messages; `take-part` to react, and to change one's own;
 * `come-in` to follow an invitation, of which the caller has seen that it is good.
 */
export type RoomAction =
  | 'read'
  | 'write'
  | 'take-part'
  | 'mark'
  | 'pin'
  | 'delete-others'
  | 'invite'
  | 'remove-member'
  | 'change-role'
  | 'rename'
  | 'change-room'
  | 'change-permissions'
  | 'archive'
  | 'mute'
  | 'ban'
  | 'transfer'
  | 'delete-room'
  | 'join'
  | 'come-in'
  | 'ask-to-join'
  | 'leave'

/** `target`: the present role of the member concerned; `role`: the role to be given. */
export type About = { target?: Role; role?: Role }

/** What an archived room still takes: reading, leaving, and what brings it back or ends it. */
const WHEN_ARCHIVED: ReadonlySet<RoomAction> = new Set([
  'read',
  'mark',
  'join',
  'come-in',
  'leave',
  'remove-member',
  'ban',
  'archive',
  'delete-room',
])

/** The higher, the more. */
const RANK: Readonly<Record<Role, number>> = { reader: 1, member: 2, admin: 3, owner: 4 }
const atLeast = (role: Role, needed: Role): boolean => RANK[role] >= RANK[needed]
const below = (role: Role, limit: Role): boolean => RANK[role] < RANK[limit]

/** As `mayDo`, whatever credential is used: of the maker of a link, say, when another follows it. */
export function mayInRoom(action: RoomAction, standing: Standing | undefined, at: number, about: About = {}): Decision {
  if (standing === undefined) return refuse('not_member')
  if (standing.role === undefined) return mayAsStranger(standing, action, at)
  const decision = standing.kind === 'direct' ? mayInDirect(standing, action) : mayAsMember(standing, action, about)
  if (!decision.ok) return decision
  if (standing.archived === true && !WHEN_ARCHIVED.has(action)) return refuse('room_archived')
  const speaks = action === 'write' || action === 'take-part'
  return speaks && (standing.mutedUntil ?? 0) > at ? refuse('muted') : ALLOWED
}

function mayAsStranger({ kind, settings, archived, bannedUntil = 0 }: Standing, action: RoomAction, at: number) {
  if (action === 'ask-to-join' && kind === 'public') return refuse('conflict', 'Anyone may join this room.')
  const asks = action === 'ask-to-join' && settings.joinRequests && archived !== true
  const isOpen = kind === 'public' && (action === 'read' || action === 'join')
  if (kind === 'direct' || !(isOpen || asks || action === 'come-in')) return refuse('not_member')
  return bannedUntil > at ? refuse('banned') : ALLOWED
}

/** Two people who cannot be told apart by power: both talk and pin, neither rules. */
function mayInDirect({ role = 'reader', blocked }: Standing, action: RoomAction): Decision {
  if (action === 'read' || action === 'mark' || action === 'join' || action === 'come-in') return ALLOWED
  if (action !== 'write' && action !== 'take-part' && action !== 'pin') return refuse('forbidden')
  return grant(atLeast(role, 'member') && blocked !== true)
}

function mayAsMember({ role: mine = 'reader', settings: { permissions } }: Standing, action: RoomAction, about: About) {
  return grant(mayByRole(mine, permissions, action, about))
}

function mayByRole(mine: Role, least: RoomPermissions, action: RoomAction, about: About): boolean {
  switch (action) {
    case 'read':
    case 'mark':
    case 'join':
    case 'come-in':
    case 'leave':
      return true
    case 'ask-to-join':
      return false
    case 'write':
      return atLeast(mine, least.write)
    case 'take-part':
      return atLeast(mine, 'member') || atLeast(mine, least.write)
    case 'pin':
      return atLeast(mine, least.pin)
    case 'delete-others':
      return atLeast(mine, least.deleteOthers)
    case 'rename':
      return atLeast(mine, least.rename)
    case 'change-room':
      return atLeast(mine, 'admin')
    case 'change-permissions':
    case 'archive':
    case 'transfer':
    case 'delete-room':
      return mine === 'owner'
    case 'invite':
      return atLeast(mine, least.invite) && mayGive(mine, about.role ?? 'member')
    case 'remove-member':
    case 'mute':
    case 'ban':
      return mayRule(mine, about.target)
    case 'change-role':
      return mayRule(mine, about.target) && mayGive(mine, about.role ?? 'owner')
  }
}

/** How long somebody waits between two messages in a room, in milliseconds; admins and owners do not wait. */
export function slowModeOf({ kind, role = 'reader', settings }: Standing): number {
  return kind === 'direct' || atLeast(role, 'admin') ? 0 : settings.slowMode * 1000
}

/** Nobody gives more than he has. */
const mayGive = (mine: Role, role: Role): boolean => !below(mine, role)

/** An owner rules everybody, an admin those below; a target that was not named could be an owner. */
const mayRule = (mine: Role, target: Role = 'owner'): boolean =>
  mine === 'owner' || (mine === 'admin' && below(target, 'admin'))
