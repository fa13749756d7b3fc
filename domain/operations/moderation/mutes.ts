import { restrictInput } from '../../../protocol/http/moderation.ts'
import { type Member, memberInput } from '../../../protocol/http.ts'
import type { Store } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import type { ShowMember } from '../members/show-members.ts'
import type { RoomChanges } from '../rooms/room-changes.ts'
import { defineOperation } from '../table.ts'
import { cleanReason, endOf, LEAST, noSuchMember, notToOneself, shownEnd } from './restriction.ts'

type Deps = { store: Store; bus: Bus; changes: RoomChanges; show: ShowMember; now(): number }

/** Lets a member read and not write ([MOD3], [P6]). */
export function muteOperation({ store, bus, changes, show, now }: Deps) {
  return defineOperation({
    name: 'mute',
    summary: 'Mute a member: he reads, and neither writes nor reacts until the mute is over.',
    input: restrictInput,
    access: 'write',
    http: { method: 'PUT', path: '/api/rooms/:room/mutes/:user' },
    mqtt: true,
    async handle({ room, user, until, reason }, { session }): Promise<Member> {
      const me = session.user
      const end = endOf(until, now())
      await changes.require(session, room, 'mute', LEAST)
      if (user === me) throw notToOneself()
      let muted = false
      await changes.change(session, room, async (change) => {
        change.require('mute', LEAST)
        const target = await change.member(user)
        if (target === undefined) throw noSuchMember()
        change.require('mute', { target: target.role })
        if (target.mutedUntil === end) return []
        muted = await store.members.mute(change.transaction, room, user, end)
        return [{ type: 'muted', from: me, at: change.at, user, ...shownEnd(end), ...cleanReason(reason) }]
      })
      if (muted) bus.emit('standing', { room, user })
      return show(room, user, session.user)
    },
  })
}

/** Lets a muted member write again ([MOD4]). */
export function unmuteOperation({ store, bus, changes }: Deps) {
  return defineOperation({
    name: 'unmute',
    summary: 'Let a muted member write again; nothing happens when he is not muted.',
    input: memberInput,
    access: 'write',
    http: { method: 'DELETE', path: '/api/rooms/:room/mutes/:user', status: 204 },
    mqtt: true,
    async handle({ room, user }, { session }): Promise<void> {
      await changes.require(session, room, 'mute', LEAST)
      let lifted = false
      await changes.change(session, room, async (change) => {
        change.require('mute', LEAST)
        const target = await change.member(user)
        if (target === undefined) throw noSuchMember()
        change.require('mute', { target: target.role })
        if (target.mutedUntil === undefined) return []
        lifted = await store.members.mute(change.transaction, room, user, null)
        if (target.mutedUntil <= change.at) return []
        return [{ type: 'unmuted', from: session.user, at: change.at, user }]
      })
      if (lifted) bus.emit('standing', { room, user })
    },
  })
}
