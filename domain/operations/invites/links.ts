/** Operations about links to rooms ([INV3]-[INV7]): made and revoked by those who may invite, followed by anybody. */
import { randomBytes } from 'node:crypto'
import { ChatError } from '../../../protocol/errors.ts'
import {
  createInviteLinkInput,
  type InviteDescription,
  type InviteLink,
  inviteCodeInput,
  inviteLinkInput,
} from '../../../protocol/http/invites.ts'
import { type RoomInfo, roomInput } from '../../../protocol/http.ts'
import { MAX_INVITES } from '../../../protocol/limits.ts'
import type { InviteEntry } from '../../../store/index.ts'
import type { Operation } from '../operation.ts'
import { defineOperation, type Visitor } from '../table.ts'
import { type InviteDeps, LEAST } from './deps.ts'
import { createFollowLink } from './follow-link.ts'
import { createLiveLinks } from './live-links.ts'
import { makerOf, showLink } from './show-link.ts'

export function createLinkOperations(deps: InviteDeps): Operation[] {
  const { store, changes, codes, now } = deps
  const { links } = store.invites

  const show = (link: InviteEntry): InviteLink => ({
    ...showLink(deps, link),
    ...makerOf(link),
    role: link.role ?? 'member',
  })

  const create = defineOperation({
    name: 'create-invite-link',
    summary: 'Make a link by which people join a room.',
    input: createInviteLinkInput,
    access: 'write',
    http: { method: 'POST', path: '/api/rooms/:room/invites', status: 201 },
    mqtt: true,
    async handle({ room, role, expiresIn, uses = null }, { session }): Promise<InviteLink> {
      const by = session.user
      await changes.require(session, room, 'invite', { role })
      const createdAt = now()
      const id = randomBytes(9).toString('base64url')
      const { hash, sealed } = codes.make(id)
      const expiresAt = expiresIn === undefined ? null : createdAt + expiresIn * 1000
      const link = { id, room, role, by, note: '', hash, sealed, uses, createdAt, expiresAt }
      if (!(await links.create(link, MAX_INVITES))) {
        throw new ChatError('conflict', { publicMessage: `There are ${MAX_INVITES} links; revoke one first.` })
      }
      const details = { link: id, role, ...(uses !== null && { uses }), ...(expiresAt !== null && { expiresAt }) }
      await store.audit.append({ at: createdAt, action: 'invite-made', actor: by, room, details })
      const maker = await store.accounts.users.get(by)
      return show({ ...link, used: 0, ...(maker && { byName: maker.displayName }) })
    },
  })

  const list = defineOperation({
    name: 'invite-links',
    summary: 'The links to a room that have not ended.',
    input: roomInput,
    access: 'write',
    http: { method: 'GET', path: '/api/rooms/:room/invites' },
    mqtt: true,
    async handle({ room }, { session }): Promise<{ invites: InviteLink[] }> {
      await changes.require(session, room, 'invite', LEAST)
      return { invites: (await links.live(room, now())).map(show) }
    },
  })

  const revoke = defineOperation({
    name: 'revoke-invite-link',
    summary: 'End a link to a room.',
    input: inviteLinkInput,
    access: 'write',
    http: { method: 'DELETE', path: '/api/rooms/:room/invites/:invite', status: 204 },
    mqtt: true,
    async handle({ room, invite }, { session }): Promise<void> {
      await changes.require(session, room, 'invite', LEAST)
      if (!(await links.revoke(room, invite))) throw new ChatError('not_found')
      const details = { link: invite }
      await store.audit.append({ at: now(), action: 'invite-revoked', actor: session.user, room, details })
    },
  })

  return [create, list, revoke]
}

/** What whoever holds a code may do. */
export function createCodeOperations(deps: InviteDeps): Operation[] {
  const { store, access, show, registration, mayInviteToServer } = deps
  const live = createLiveLinks(deps)
  const follow = createFollowLink(deps)

  const registersNow = async ({ room, by }: InviteEntry): Promise<boolean> =>
    registration === 'open' ||
    (registration === 'invite' && (room === undefined || (by !== undefined && (await mayInviteToServer(by)))))

  const describe = defineOperation({
    name: 'describe-invite',
    summary: 'What the code of an invite link leads to.',
    input: inviteCodeInput,
    access: 'nobody',
    http: { method: 'GET', path: '/api/invites/:code' },
    mqtt: true,
    async handle({ code }, caller: Visitor): Promise<InviteDescription> {
      const link = await live.find(code, caller)
      const me = caller.session?.user
      const member = link.room !== undefined && me !== undefined && (await access.standing(me, link.room))?.role
      if (!member) await live.requireLive(link)
      const room = link.room === undefined ? undefined : await store.rooms.get(link.room)
      if (link.room !== undefined && room === undefined) throw new ChatError('invalid_link')
      const { expiresAt } = link
      return {
        ...(room && {
          room: { name: room.name, kind: room.kind, members: room.members, ...(member && { id: room.id }) },
        }),
        ...makerOf(link),
        expiresAt,
        registers: await registersNow(link),
      }
    },
  })

  const accept = defineOperation({
    name: 'accept-invite',
    summary: 'Join the room that an invite link leads to.',
    input: inviteCodeInput,
    access: 'write',
    http: { method: 'POST', path: '/api/invites/:code/accept' },
    mqtt: true,
    async handle({ code }, caller): Promise<RoomInfo> {
      const { session } = caller
      const link = await live.find(code, caller)
      if (link.room === undefined) throw new ChatError('invalid_link')
      const standing = await access.standing(session.user, link.room)
      if (standing?.role !== undefined) {
        await deps.changes.require(session, link.room, 'come-in')
        return show(link.room, session.user)
      }
      await live.requireLive(link)
      return follow(session, link)
    },
  })

  return [describe, accept]
}
