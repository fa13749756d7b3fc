import type { Session } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import { type RoomInfo, roomInput } from '../../../protocol/http.ts'
import type { RoomId } from '../../../protocol/ids.ts'
import type { Store } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import type { RoomChanges } from '../rooms/room-changes.ts'
import type { ShowRoom } from '../rooms/show-room.ts'
import { defineOperation } from '../table.ts'

/** Joins a public room ([ROOM3]). Who is a member already gets the room and changes nothing. */
export function joinOperation(deps: { store: Store; bus: Bus; changes: RoomChanges; show: ShowRoom }) {
  const { store, bus, changes, show } = deps
  return defineOperation({
    name: 'join',
    summary: 'Join a public room.',
    input: roomInput,
    access: 'write',
    http: { method: 'POST', path: '/api/rooms/:room/join' },
    mqtt: true,
    async handle({ room }, { session }): Promise<RoomInfo> {
      const user = session.user
      const standing = await changes.require(session, room, 'join')
      if (standing.role !== undefined) return show(room, user)
      let joined = false
      await changes.change(session, room, async (change) => {
        change.require('join')
        if ((await change.member(user)) !== undefined) return []
        await change.requireNotBanned(user)
        joined = true
        await store.members.put(change.transaction, { room, user, role: 'member', at: change.at })
        return [{ type: 'joined', from: user, at: change.at, user, role: 'member' }]
      })
      if (joined) {
        bus.emit('membership', { room, user, role: 'member' })
        bus.emit('room', { room })
      }
      return show(room, user)
    },
  })
}

export type Leave = (session: Session, room: RoomId) => Promise<void>

/** Leaves a room ([ROOM4]). The last owner stays as long as others do: the room would be nobody's. */
export function createLeave(deps: { store: Store; bus: Bus; changes: RoomChanges }): Leave {
  const { store, bus, changes } = deps
  return async (session, room) => {
    const user = session.user
    await changes.require(session, room, 'leave')
    let ownedUntil: number | undefined
    await changes.change(session, room, async (change) => {
      change.require('leave')
      const me = await change.member(user)
      if (me?.role === 'owner') ownedUntil = change.at
      if (me?.role === 'owner' && change.room.members > 1) {
        const owners = await store.members.count(room, 'owner', change.transaction)
        if (owners === 1) {
          throw new ChatError('conflict', { publicMessage: 'Make somebody else owner first: a room needs one.' })
        }
      }
      await store.members.remove(change.transaction, room, user)
      return [{ type: 'left', from: user, at: change.at, user }]
    })
    bus.emit('membership', { room, user, role: null })
    bus.emit('room', { room })
    await store.cursors.remove({ user, room })
    if (ownedUntil !== undefined) {
      await store.audit.append({ at: ownedUntil, action: 'owner-ended', actor: user, subject: user, room })
    }
  }
}

export function leaveOperation(leave: Leave) {
  return defineOperation({
    name: 'leave',
    summary: 'Leave a room.',
    input: roomInput,
    access: 'write',
    http: { method: 'POST', path: '/api/rooms/:room/leave', status: 204 },
    mqtt: true,
    handle: ({ room }, { session }): Promise<void> => leave(session, room),
  })
}
