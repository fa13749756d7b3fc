import { ChatError } from '../../../protocol/errors.ts'
import type { EventDraft } from '../../../protocol/events.ts'
import { type Ban, restrictInput } from '../../../protocol/http/moderation.ts'
import { memberInput, membersInput } from '../../../protocol/http.ts'
import type { BanEntry, Store } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import type { RoomChanges } from '../rooms/room-changes.ts'
import { defineOperation } from '../table.ts'
import { cleanReason, endOf, LEAST, notToOneself, shownEnd } from './restriction.ts'

type Deps = { store: Store; bus: Bus; changes: RoomChanges; now(): number }

/** Shuts somebody out of a room, member or not ([MOD1], [P6]). */
export function banOperation({ store, bus, changes, now }: Deps) {
  return defineOperation({
    name: 'ban',
    summary: 'Ban somebody from a room: he is removed, and neither reads nor comes back until the ban is over.',
    input: restrictInput,
    access: 'write',
    http: { method: 'PUT', path: '/api/rooms/:room/bans/:user' },
    mqtt: true,
    async handle({ room, user, until, reason: given }, { session }): Promise<Ban> {
      const me = session.user
      const end = endOf(until, now())
      const reason = cleanReason(given)
      await changes.require(session, room, 'ban', LEAST)
      if (user === me) throw notToOneself()
      let done: { at: number; was?: string } | undefined
      await changes.change(session, room, async (change) => {
        change.require('ban', LEAST)
        const { transaction, at } = change
        const target = await change.member(user)
        change.require('ban', { target: target?.role ?? LEAST.target })
        const before = await store.bans.get(room, user, transaction)
        if (target === undefined && before?.until === end && before.reason === reason.reason) return []
        done = { at, ...(target && { was: target.role }) }
        await store.bans.put(transaction, { room, user, until: end, ...reason, by: me, at })
        const banned: EventDraft = { type: 'banned', from: me, at, user, ...shownEnd(end), ...reason }
        if (target === undefined) return [banned]
        await store.members.remove(transaction, room, user)
        return [{ type: 'removed', from: me, at, user, ...reason }, banned]
      })
      if (done !== undefined) {
        // Strangers listen to public rooms too: whoever it is falls silent, and is asked again who he is.
        bus.emit('membership', { room, user, role: null })
        bus.emit('standing', { room, user })
        if (done.was !== undefined) {
          bus.emit('room', { room })
          const notice = { type: 'removed', room, by: me, banned: shownEnd(end), ...reason } as const
          bus.emit('inbox', { user, notice })
        }
        await store.cursors.remove({ user, room })
        await store.audit.append({ at: done.at, action: 'member-banned', actor: me, subject: user, room })
        if (done.was === 'owner') {
          await store.audit.append({ at: done.at, action: 'owner-ended', actor: me, subject: user, room })
        }
      }
      const ban = await store.bans.get(room, user)
      if (ban === undefined) throw new ChatError('conflict') // lifted again meanwhile
      return toBan(ban)
    },
  })
}

/** Lifts a ban ([MOD2]). He may come back, and is not a member by it. */
export function unbanOperation({ store, bus, changes }: Deps) {
  return defineOperation({
    name: 'unban',
    summary: 'Lift a ban; nothing happens when there is none.',
    input: memberInput,
    access: 'write',
    http: { method: 'DELETE', path: '/api/rooms/:room/bans/:user', status: 204 },
    mqtt: true,
    async handle({ room, user }, { session }): Promise<void> {
      const me = session.user
      await changes.require(session, room, 'ban', LEAST)
      let liftedAt: number | undefined
      await changes.change(session, room, async (change) => {
        change.require('ban', LEAST)
        const ban = await store.bans.get(room, user, change.transaction)
        if (ban === undefined) return []
        await store.bans.remove(change.transaction, room, user)
        if (ban.until <= change.at) return []
        liftedAt = change.at
        return [{ type: 'unbanned', from: me, at: change.at, user }]
      })
      if (liftedAt === undefined) return
      bus.emit('standing', { room, user })
      await store.audit.append({ at: liftedAt, action: 'member-unbanned', actor: me, subject: user, room })
    },
  })
}

/** For those who may ban ([MOD2]). */
export function bansOperation({ store, changes, now }: Deps) {
  return defineOperation({
    name: 'bans',
    summary: 'Who is banned from a room, by user name.',
    input: membersInput,
    access: 'write',
    http: { method: 'GET', path: '/api/rooms/:room/bans' },
    mqtt: true,
    async handle({ room, after, limit }, { session }): Promise<{ bans: Ban[]; more: boolean }> {
      await changes.require(session, room, 'ban', LEAST)
      const found = await store.bans.list(room, { now: now(), limit: limit + 1, ...(after !== undefined && { after }) })
      return { bans: found.slice(0, limit).map(toBan), more: found.length > limit }
    },
  })
}

const toBan = ({ until, ...ban }: BanEntry): Ban => ({ ...ban, ...shownEnd(until) })
