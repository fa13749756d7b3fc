import { type Member, memberInput, membersInput, roomInput } from '../../../protocol/http.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import type { Presence, Receipt } from '../../../protocol/presence.ts'
import type { MemberEntry, Store } from '../../../store/index.ts'
import type { PresenceBoard } from '../../presence/index.ts'
import { noSuchMember } from '../moderation/restriction.ts'
import type { RoomChanges } from '../rooms/room-changes.ts'
import { shownMute } from '../rooms/room-info.ts'
import { defineOperation } from '../table.ts'

/** Members whose presence one answer holds. */
const PRESENCES = 5_000

/** A member with his presence. Throws `not_found` when the user is not a member of the room. */
export type ShowMember = (room: RoomId, user: UserId) => Promise<Member>

export function createShowMember({ store, presence }: { store: Store; presence: PresenceBoard }): ShowMember {
  return async (room, user) => {
    const entry = await store.members.get(room, user)
    if (entry === undefined) throw noSuchMember()
    return toMember(entry, (await presence.of([user])).get(user), await store.marks.get(room, user))
  }
}

export function memberOperation({ changes, show }: { changes: RoomChanges; show: ShowMember }) {
  return defineOperation({
    name: 'member',
    summary: 'One member of a room, with role and presence.',
    input: memberInput,
    access: 'read',
    http: { method: 'GET', path: '/api/rooms/:room/members/:user' },
    mqtt: true,
    async handle({ room, user }, { session }): Promise<Member> {
      await changes.require(session, room, 'read')
      return show(room, user)
    },
  })
}

export function membersOperation(deps: { store: Store; changes: RoomChanges; presence: PresenceBoard }) {
  const { store, changes, presence } = deps
  return defineOperation({
    name: 'members',
    summary: 'The members of a room, with roles and presence, by user name.',
    input: membersInput,
    access: 'read',
    http: { method: 'GET', path: '/api/rooms/:room/members' },
    mqtt: true,
    async handle({ room, after, limit }, { session }): Promise<{ members: Member[]; more: boolean }> {
      await changes.require(session, room, 'read')
      const entries = await store.members.list(room, { limit: limit + 1, ...(after !== undefined && { after }) })
      const page = entries.slice(0, limit)
      const present = await presence.of(page.map((entry) => entry.user))
      const receipts = new Map((await store.marks.list(room)).map(({ user, ...receipt }) => [user, receipt]))
      const members = page.map((entry) => toMember(entry, present.get(entry.user), receipts.get(entry.user)))
      return { members, more: entries.length > limit }
    },
  })
}

export function presenceOperation(deps: { store: Store; changes: RoomChanges; presence: PresenceBoard }) {
  const { store, changes, presence } = deps
  return defineOperation({
    name: 'presence',
    summary: 'Who of a room is here now.',
    input: roomInput,
    access: 'read',
    http: { method: 'GET', path: '/api/rooms/:room/presence' },
    mqtt: true,
    async handle({ room }, { session }): Promise<Record<UserId, Presence>> {
      await changes.require(session, room, 'read')
      const entries = await store.members.list(room, { limit: PRESENCES })
      return Object.fromEntries(await presence.of(entries.map((entry) => entry.user)))
    },
  })
}

const toMember = (
  { user, displayName, role, joinedAt, mutedUntil }: MemberEntry,
  presence: Presence | undefined,
  receipt: Receipt | undefined,
): Member => ({
  user,
  displayName,
  role,
  joinedAt,
  ...shownMute(mutedUntil),
  ...(presence && { presence }),
  ...(receipt && { receipt }),
})
