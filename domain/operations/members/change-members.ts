import { mayDo, type Session } from '../../../auth-plugin/index.ts'
import { ChatError, refusalError } from '../../../protocol/errors.ts'
import type { Role } from '../../../protocol/events.ts'
import { removeMemberInput } from '../../../protocol/http/moderation.ts'
import { type Member, putMemberInput } from '../../../protocol/http.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import type { MemberEntry, Store } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import type { Sight } from '../../people/index.ts'
import { cleanReason, LEAST, noSuchMember } from '../moderation/restriction.ts'
import type { Change, RoomChanges } from '../rooms/room-changes.ts'
import { defineOperation } from '../table.ts'
import type { Leave } from './join-and-leave.ts'
import type { ShowMember } from './show-members.ts'

/** Adds a member or gives one another role ([ROOM7]). The last owner of a room stays one. */
export function putMemberOperation(deps: {
  store: Store
  bus: Bus
  changes: RoomChanges
  show: ShowMember
  sight: Sight
  now(): number
}) {
  const { store, bus, changes, show, sight, now } = deps

  async function requireAny(session: Session, room: RoomId): Promise<void> {
    const standing = await changes.require(session, room, 'read')
    const invite = mayDo(session, room, 'invite', standing, now(), LEAST)
    if (!invite.ok && !mayDo(session, room, 'change-role', standing, now(), LEAST).ok) throw refusalError(invite.no)
  }

  async function checkOwners(change: Change, target: MemberEntry, role: Role): Promise<void> {
    if (target.role !== 'owner' || role === 'owner') return
    const owners = await store.members.count(change.room.id, 'owner', change.transaction)
    if (owners === 1) throw new ChatError('conflict', { publicMessage: 'A room needs an owner.' })
  }

  return defineOperation({
    name: 'put-member',
    summary: 'Add a member to a room, or give a member another role.',
    input: putMemberInput,
    access: 'write',
    http: { method: 'PUT', path: '/api/rooms/:room/members/:user' },
    mqtt: true,
    async handle({ room, user, role: wanted }, { session }): Promise<Member> {
      const me = session.user
      let role: Role = wanted ?? 'member'
      let owners: { at: number; action: 'owner-made' | 'owner-ended' } | undefined
      let done: 'added' | 'changed' | 'unchanged' = 'unchanged'
      await requireAny(session, room)
      if (user !== me && (await store.members.get(room, user)) === undefined) await sight.requireReach(me, [user])
      await changes.change(session, room, async (change) => {
        const target = await change.member(user)
        role = wanted ?? target?.role ?? 'member'
        if (target === undefined || target.role === role) change.require('invite', { role })
        else change.require('change-role', { target: target.role, role })
        if (target?.role === role) return []
        if (target === undefined) await change.requireNotBanned(user)
        else await checkOwners(change, target, role)
        if (role === 'owner') owners = { at: change.at, action: 'owner-made' }
        else if (target?.role === 'owner') owners = { at: change.at, action: 'owner-ended' }
        done = await store.members.put(change.transaction, { room, user, role, at: change.at })
        return [{ type: target === undefined ? 'joined' : 'role', from: me, at: change.at, user, role }]
      })
      tell(bus, done, { room, user, role, by: me })
      if (owners !== undefined) await store.audit.append({ ...owners, actor: me, subject: user, room })
      return show(room, user, me)
    },
  })
}

/** Removes a member ([ROOM8], [P6]); oneself: leaves. */
export function removeMemberOperation(deps: { store: Store; bus: Bus; changes: RoomChanges; leave: Leave }) {
  const { store, bus, changes, leave } = deps
  return defineOperation({
    name: 'remove-member',
    summary: 'Remove a member from a room.',
    input: removeMemberInput,
    access: 'write',
    http: { method: 'DELETE', path: '/api/rooms/:room/members/:user', status: 204 },
    mqtt: true,
    async handle({ room, user, reason: given }, { session }): Promise<void> {
      const me = session.user
      if (user === me) return leave(session, room)
      const reason = cleanReason(given)
      let removed: { at: number; role: Role } | undefined
      await changes.require(session, room, 'remove-member', LEAST)
      await changes.change(session, room, async (change) => {
        change.require('remove-member', LEAST)
        const target = await change.member(user)
        if (target === undefined) throw noSuchMember()
        change.require('remove-member', { target: target.role })
        await store.members.remove(change.transaction, room, user)
        removed = { at: change.at, role: target.role }
        return [{ type: 'removed', from: me, at: change.at, user, ...reason }]
      })
      bus.emit('membership', { room, user, role: null })
      bus.emit('room', { room })
      bus.emit('inbox', { user, notice: { type: 'removed', room, by: me, ...reason } })
      await store.cursors.remove({ user, room })
      if (removed?.role === 'owner') {
        await store.audit.append({ at: removed.at, action: 'owner-ended', actor: me, subject: user, room })
      }
    },
  })
}

function tell(
  bus: Bus,
  done: 'added' | 'changed' | 'unchanged',
  { room, user, role, by }: { room: RoomId; user: UserId; role: Role; by: UserId },
): void {
  if (done === 'unchanged') return
  bus.emit('membership', { room, user, role })
  if (done === 'added') bus.emit('room', { room })
  if (user !== by) bus.emit('inbox', { user, notice: { type: done === 'added' ? 'added' : 'role', room, role, by } })
}
