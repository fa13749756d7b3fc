/**
 * May you? The one table of the house (SPEC.md, ACL1-ACL9): pure, synchronous, from what the caller already knows.
 * The broker, the HTTP door and the requests over MQTT ask here and nowhere else.
 */
import type { DeviceId, RoomId } from '../protocol/ids.ts'
import { type About, mayInRoom, type RoomAction } from '../protocol/room-policy.ts'
import type { Filter, PublishTopic } from '../protocol/topics.ts'
import type { Session } from './claims.ts'
import { ALLOWED, type Decision, grant, refuse } from './decision.ts'
import type { Standing } from './membership.ts'

export { type About, mayInRoom, type RoomAction, slowModeOf } from '../protocol/room-policy.ts'

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
