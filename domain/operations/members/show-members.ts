import { type Member, memberInput, membersInput, roomInput } from '../../../protocol/http.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import type { Presence, Receipt } from '../../../protocol/presence.ts'
import type { MemberEntry, Store } from '../../../store/index.ts'
import type { Sight } from '../../people/index.ts'
import { noSuchMember } from '../moderation/restriction.ts'
import type { RoomChanges } from '../rooms/room-changes.ts'
import { shownMute } from '../rooms/room-info.ts'
import { defineOperation } from '../table.ts'

/** Members whose presence one answer holds. */
const PRESENCES = 5_000

/** A member with what the viewer may see of his presence. Throws `not_found` when the user is not a member of the room. */
export type ShowMember = (room: RoomId, user: UserId, viewer: UserId) => Promise<Member>

export function createShowMember({ store, sight }: { store: Store; sight: Sight }): ShowMember {
  return async (room, user, viewer) => {
    const entry = await store.members.get(room, user)
    if (entry === undefined) throw noSuchMember()
    const receipt = await store.marks.get(room, user)
    const receipts = await sight.receipts(viewer, new Map(receipt && [[user, receipt]]))
    return toMember(entry, (await sight.presences(viewer, [user])).get(user), receipts.get(user))
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
      return show(room, user, session.user)
    },
  })
}

export function membersOperation(deps: { store: Store; changes: RoomChanges; sight: Sight }) {
  const { store, changes, sight } = deps
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
      const users = page.map((entry) => entry.user)
      const shown = new Set(users)
      const marks = (await store.marks.list(room)).filter(({ user }) => shown.has(user))
      const [present, receipts] = await Promise.all([
        sight.presences(session.user, users),
        sight.receipts(session.user, new Map(marks.map(({ user, ...receipt }) => [user, receipt]))),
      ])
      const members = page.map((entry) => toMember(entry, present.get(entry.user), receipts.get(entry.user)))
      return { members, more: entries.length > limit }
    },
  })
}

export function presenceOperation(deps: { store: Store; changes: RoomChanges; sight: Sight }) {
  const { store, changes, sight } = deps
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
      const users = entries.map((entry) => entry.user)
      return Object.fromEntries(await sight.presences(session.user, users))
    },
  })
}

const toMember = (
  { user, displayName, avatar, role, joinedAt, mutedUntil }: MemberEntry,
  presence: Presence | undefined,
  receipt: Receipt | undefined,
): Member => ({
  user,
  displayName,
  ...(avatar && { avatar }),
  role,
  joinedAt,
  ...shownMute(mutedUntil),
  ...(presence && { presence }),
  ...(receipt && { receipt }),
})
