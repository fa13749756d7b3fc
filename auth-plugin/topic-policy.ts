/**
 * May you? The one table of the house (SPEC.md, ACL1-ACL9): pure, synchronous, from what the caller already knows.
 * The broker, the HTTP door and the requests over MQTT ask here and nowhere else.
 */
import type { Role } from '../protocol/events.ts'
import type { DeviceId, RoomId } from '../protocol/ids.ts'
import type { RoomPermissions } from '../protocol/room-settings.ts'
import type { Filter, PublishTopic } from '../protocol/topics.ts'
import type { Session } from './claims.ts'
import { ALLOWED, type Decision, refuse } from './decision.ts'
import type { Standing } from './membership.ts'

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

const RANK: Readonly<Record<Role, number>> = { reader: 1, member: 2, admin: 3, owner: 4 }
const atLeast = (role: Role, needed: Role): boolean => RANK[role] >= RANK[needed]
const below = (role: Role, limit: Role): boolean => RANK[role] < RANK[limit]

const grant = (allowed: boolean): Decision => (allowed ? ALLOWED : refuse('forbidden'))

/** Whether a credential has anything to do with a room. Wildcards, lists and notices leave out the other rooms. */
export function inScope(session: Session, room: RoomId): boolean {
  return session.scope.rooms === null || session.scope.rooms.has(room)
}

/** The first seq that somebody who may read the room may see; `Infinity` is none ([system 12, Cursors]). */
export function readableFrom(standing: Standing): number {
  if (standing.settings.history === 'all') return 1
  return standing.joinedSeq ?? Number.POSITIVE_INFINITY
}

/** Whether a credential may call an operation of this kind at all; the operation looks at the room itself. */
export function mayCall(session: Session, access: 'session' | 'write' | 'read'): Decision {
  if (access === 'session') return session.credential.kind === 'session' ? ALLOWED : refuse('out_of_scope')
  return access === 'read' || session.scope.access === 'write' ? ALLOWED : refuse('out_of_scope')
}

/**
 * May this be published at this time (ms since 1970)? `standing` is that of the sender in the topic's room,
 * `undefined` for no such room.
 */
export function mayPublish(
  session: Session,
  topic: PublishTopic,
  standing: Standing | undefined,
  at: number,
): Decision {
  switch (topic.kind) {
    case 'server-written':
      return refuse('not_writable')
    case 'requests':
      return grant(topic.user === session.user)
    case 'status':
      return topic.user === session.user ? mayCall(session, 'write') : refuse('forbidden')
    case 'mark':
      return mayDo(session, topic.room, 'mark', standing, at)
    case 'send':
      return mayDo(session, topic.room, 'take-part', standing, at) // and what it is about decides the rest
    case 'typing':
      return mayDo(session, topic.room, 'write', standing, at)
  }
}

/**
 * May this filter be granted to this device? For filters over all of one's rooms (`rooms/+/...`) `standing` is not
 * looked at: the router leaves out rooms by membership and `inScope`.
 */
export function maySubscribe(
  session: Session,
  device: DeviceId,
  filter: Filter,
  standing: Standing | undefined,
  at: number,
): Decision {
  switch (filter.kind) {
    case 'room':
    case 'room-all':
      return filter.room === '+' ? ALLOWED : mayDo(session, filter.room, 'read', standing, at)
    case 'inbox':
    case 'user-all':
      return grant(filter.user === session.user)
    case 'replies':
    case 'device-inbox':
      return grant(filter.user === session.user && (filter.device === '+' || filter.device === device))
  }
}

/**
 * May this be done in a room? A room that does not exist (`standing` undefined) looks like a private one to a
 * stranger: `not_member`. `out_of_scope` for credentials that are not for this room or not for writing. `at`: now, in
 * milliseconds since 1970.
 */
export function mayDo(
  session: Session,
  room: RoomId,
  action: RoomAction,
  standing: Standing | undefined,
  at: number,
  about: About = {},
): Decision {
  if (!inScope(session, room)) return refuse('out_of_scope')
  if (action !== 'read' && session.scope.access !== 'write') return refuse('out_of_scope')
  return mayInRoom(action, standing, at, about)
}

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
