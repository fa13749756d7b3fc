/** Operations about people who are invited to rooms ([INV1], [INV2]). */
import { inScope } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import { type Invitation, inviteInput, type PendingInvitation } from '../../../protocol/http/invites.ts'
import { memberInput, type RoomInfo, roomInput } from '../../../protocol/http.ts'
import { MAX_ROOM_INVITATIONS, MAX_USER_INVITATIONS } from '../../../protocol/limits.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import { createComeIn } from './come-in.ts'
import { type InviteDeps, LEAST } from './deps.ts'

const LIMITS = { ofRoom: MAX_ROOM_INVITATIONS, ofUser: MAX_USER_INVITATIONS }
const noInvitation = (): ChatError => new ChatError('not_found', { publicMessage: 'There is no such invitation.' })
const conflict = (publicMessage: string): ChatError => new ChatError('conflict', { publicMessage })

/** What those who may invite do. */
export function createInvitingOperations(deps: InviteDeps): Operation[] {
  const { store, bus, changes, requireReach } = deps
  const { people } = store.invites

  const invite = defineOperation({
    name: 'invite',
    summary: 'Invite somebody to a room; he decides himself.',
    input: inviteInput,
    access: 'write',
    http: { method: 'PUT', path: '/api/rooms/:room/invitations/:user', status: 204 },
    mqtt: true,
    async handle({ room, user, role }, { session }): Promise<void> {
      const by = session.user
      await changes.require(session, room, 'invite', { role })
      if (user === by) throw conflict('You are a member of this room.')
      await requireReach(by, user)
      let done = 'unchanged' as Awaited<ReturnType<typeof people.put>>
      await changes.change(session, room, async (change) => {
        change.require('invite', { role })
        if ((await change.member(user)) !== undefined) throw conflict('This user is a member of the room.')
        await change.requireNotBanned(user)
        done = await people.put(change.transaction, { room, user, role, by, at: change.at }, LIMITS)
        return []
      })
      if (done === 'full') throw conflict('Too many invitations wait for an answer.')
      if (done === 'added') bus.emit('inbox', { user, notice: { type: 'invited', room, by } })
    },
  })

  const uninvite = defineOperation({
    name: 'uninvite',
    summary: 'Take an invitation back.',
    input: memberInput,
    access: 'write',
    http: { method: 'DELETE', path: '/api/rooms/:room/invitations/:user', status: 204 },
    mqtt: true,
    async handle({ room, user }, { session }): Promise<void> {
      await changes.require(session, room, 'invite', LEAST)
      if (!(await people.remove(room, user))) throw noInvitation()
      bus.emit('inbox', { user, notice: { type: 'uninvited', room } })
    },
  })

  const roomInvitations = defineOperation({
    name: 'room-invitations',
    summary: 'Who is invited to a room and has not answered.',
    input: roomInput,
    access: 'write',
    http: { method: 'GET', path: '/api/rooms/:room/invitations' },
    mqtt: true,
    async handle({ room }, { session }): Promise<{ invitations: PendingInvitation[] }> {
      await changes.require(session, room, 'invite', LEAST)
      return { invitations: await people.ofRoom(room) }
    },
  })

  return [invite, uninvite, roomInvitations]
}

/** What those who are invited do. */
export function createInvitedOperations(deps: InviteDeps): Operation[] {
  const { store, bus, show, now } = deps
  const { people } = store.invites
  const comeIn = createComeIn(deps)

  const invitations = defineOperation({
    name: 'invitations',
    summary: 'The rooms that I am invited to.',
    input: noInput,
    access: 'read',
    http: { method: 'GET', path: '/api/me/invitations' },
    mqtt: true,
    async handle(_input, { session }): Promise<{ invitations: Invitation[] }> {
      const mine = await people.ofUser(session.user, now())
      return { invitations: mine.filter(({ room }) => inScope(session, room)) }
    },
  })

  const accept = defineOperation({
    name: 'accept-invitation',
    summary: 'Join a room that I am invited to.',
    input: roomInput,
    access: 'write',
    http: { method: 'POST', path: '/api/me/invitations/:room/accept' },
    mqtt: true,
    async handle({ room }, { session }): Promise<RoomInfo> {
      const me = session.user
      if ((await people.get(room, me)) === undefined) {
        if (inScope(session, room) && (await store.members.get(room, me)) !== undefined) return show(room, me)
        throw noInvitation()
      }
      const info = await comeIn(session, room, async ({ transaction }) => {
        const invitation = await people.get(room, me, transaction)
        if (invitation === undefined) throw noInvitation()
        return invitation
      })
      bus.emit('inbox', { user: me, notice: { type: 'uninvited', room } })
      return info
    },
  })

  const decline = defineOperation({
    name: 'decline-invitation',
    summary: 'Decline an invitation; nobody is told.',
    input: roomInput,
    access: 'write',
    http: { method: 'DELETE', path: '/api/me/invitations/:room', status: 204 },
    mqtt: true,
    async handle({ room }, { session }): Promise<void> {
      if (!inScope(session, room)) throw new ChatError('out_of_scope')
      if (!(await people.remove(room, session.user))) throw noInvitation()
      bus.emit('inbox', { user: session.user, notice: { type: 'uninvited', room } })
    },
  })

  return [invitations, accept, decline]
}
