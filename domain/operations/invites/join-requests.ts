/** Operations about asking to be let into a private room ([INV8], [INV9]). */
import { inScope, mayInRoom } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import type { Role } from '../../../protocol/events.ts'
import {
  askToJoinInput,
  type JoinRequest,
  joinRequestInput,
  type MyJoinRequest,
} from '../../../protocol/http/invites.ts'
import { roleSchema, roomInput } from '../../../protocol/http.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import { MAX_ROOM_JOIN_REQUESTS, MAX_USER_JOIN_REQUESTS } from '../../../protocol/limits.ts'
import { cleanText } from '../../../protocol/text.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import { letIn } from './come-in.ts'
import { type InviteDeps, LEAST } from './deps.ts'

const LIMITS = { ofRoom: MAX_ROOM_JOIN_REQUESTS, ofUser: MAX_USER_JOIN_REQUESTS }
/** Who is told of a request; more people than these see it in the list alone. */
const DECIDERS_TOLD = 100
const noRequest = (): ChatError => new ChatError('not_found', { publicMessage: 'There is no such request.' })

/** What strangers do. */
export function createAskingOperations(deps: InviteDeps): Operation[] {
  const { store, bus, changes, now } = deps
  const { people, requests } = store.invites

  /** Those who may invite as a member, the highest first. */
  async function decidersOf(room: RoomId): Promise<UserId[]> {
    const found = await store.rooms.get(room)
    if (found === undefined) return []
    const may = (role: Role) => mayInRoom('invite', { ...found, role }, now(), { role: 'member' }).ok
    return requests.deciders(room, roleSchema.options.filter(may), DECIDERS_TOLD)
  }

  const ask = defineOperation({
    name: 'ask-to-join',
    summary: 'Ask to be let into a private room that takes requests.',
    input: askToJoinInput,
    access: 'write',
    http: { method: 'POST', path: '/api/rooms/:room/join-requests', status: 204 },
    mqtt: true,
    async handle({ room, text }, { session: { user }, session }): Promise<void> {
      await changes.require(session, room, 'ask-to-join')
      if ((await people.get(room, user)) !== undefined) {
        throw new ChatError('conflict', { publicMessage: 'You are invited to this room: accept the invitation.' })
      }
      const done = await requests.put({ room, user, text: cleanText(text)?.trim() ?? '', at: now() }, LIMITS)
      if (done === 'full') {
        throw new ChatError('conflict', { publicMessage: 'Too many requests wait for an answer.' })
      }
      if (done === 'changed') return
      const notice = { type: 'join-request', room, user } as const
      for (const decider of await decidersOf(room)) bus.emit('inbox', { user: decider, notice })
    },
  })

  const mine = defineOperation({
    name: 'my-join-requests',
    summary: 'The rooms that I asked to join, as long as nobody has answered.',
    input: noInput,
    access: 'read',
    http: { method: 'GET', path: '/api/me/join-requests' },
    mqtt: true,
    async handle(_input, { session }): Promise<{ requests: MyJoinRequest[] }> {
      const all = await requests.ofUser(session.user)
      return { requests: all.filter(({ room }) => inScope(session, room)) }
    },
  })

  const withdraw = defineOperation({
    name: 'withdraw-join-request',
    summary: 'Take a request to join back.',
    input: roomInput,
    access: 'write',
    http: { method: 'DELETE', path: '/api/me/join-requests/:room', status: 204 },
    mqtt: true,
    async handle({ room }, { session }): Promise<void> {
      if (!inScope(session, room)) throw new ChatError('out_of_scope')
      if (!(await requests.remove(room, session.user))) throw noRequest()
    },
  })

  return [ask, mine, withdraw]
}

/** What those who may invite do. */
export function createDecidingOperations(deps: InviteDeps): Operation[] {
  const { store, bus, changes, now } = deps
  const { requests } = store.invites

  const list = defineOperation({
    name: 'join-requests',
    summary: 'Who asks to be let into a room.',
    input: roomInput,
    access: 'write',
    http: { method: 'GET', path: '/api/rooms/:room/join-requests' },
    mqtt: true,
    async handle({ room }, { session }): Promise<{ requests: JoinRequest[] }> {
      await changes.require(session, room, 'invite', LEAST)
      const found = await requests.ofRoom(room, now())
      return {
        requests: found.map(({ user, displayName, text, at }) => ({ user: { id: user, displayName }, text, at })),
      }
    },
  })

  const accept = defineOperation({
    name: 'accept-join-request',
    summary: 'Let somebody in who asked.',
    input: joinRequestInput,
    access: 'write',
    http: { method: 'PUT', path: '/api/rooms/:room/join-requests/:user', status: 204 },
    mqtt: true,
    async handle({ room, user }, { session }): Promise<void> {
      const by = session.user
      const role = 'member'
      await changes.require(session, room, 'invite', { role })
      let joined = false
      await changes.change(session, room, async (change) => {
        change.require('invite', { role })
        if ((await change.member(user)) !== undefined) return []
        if (!(await requests.has(room, user, change.transaction))) throw noRequest()
        await change.requireNotBanned(user)
        joined = true
        return [await letIn({ store, change, user, by, role })]
      })
      if (!joined) return
      bus.emit('membership', { room, user, role })
      bus.emit('room', { room })
      bus.emit('inbox', { user, notice: { type: 'added', room, role, by } })
    },
  })

  const decline = defineOperation({
    name: 'decline-join-request',
    summary: 'Decline a request to join; nobody is told.',
    input: joinRequestInput,
    access: 'write',
    http: { method: 'DELETE', path: '/api/rooms/:room/join-requests/:user', status: 204 },
    mqtt: true,
    async handle({ room, user }, { session }): Promise<void> {
      await changes.require(session, room, 'invite', LEAST)
      if (!(await requests.remove(room, user))) throw noRequest()
    },
  })

  return [list, accept, decline]
}
