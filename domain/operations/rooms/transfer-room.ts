import type { EventDraft } from '../../../protocol/events.ts'
import { type Member, memberInput } from '../../../protocol/http.ts'
import type { Store } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import type { ShowMember } from '../members/show-members.ts'
import { noSuchMember, notToOneself } from '../moderation/restriction.ts'
import { defineOperation } from '../table.ts'
import type { RoomChanges } from './room-changes.ts'

/** Gives a room to another member: he owns it, and who gave it is an admin of it ([MOD5]). */
export function transferRoomOperation(deps: { store: Store; bus: Bus; changes: RoomChanges; show: ShowMember }) {
  const { store, bus, changes, show } = deps
  return defineOperation({
    name: 'transfer-room',
    summary: 'Make another member the owner of a room in my place; I become an admin.',
    input: memberInput,
    access: 'write',
    http: { method: 'POST', path: '/api/rooms/:room/transfer' },
    mqtt: true,
    async handle({ room, user }, { session }): Promise<Member> {
      const me = session.user
      await changes.require(session, room, 'transfer')
      if (user === me) throw notToOneself()
      let at = 0
      let wasOwner = false
      await changes.change(session, room, async (change) => {
        change.require('transfer')
        const target = await change.member(user)
        if (target === undefined) throw noSuchMember()
        at = change.at
        wasOwner = target.role === 'owner'
        await store.members.put(change.transaction, { room, user, role: 'owner', at })
        await store.members.put(change.transaction, { room, user: me, role: 'admin', at })
        const made: EventDraft = { type: 'role', from: me, at, user, role: 'owner' }
        const stepped: EventDraft = { type: 'role', from: me, at, user: me, role: 'admin' }
        return wasOwner ? [stepped] : [made, stepped]
      })
      if (!wasOwner) {
        bus.emit('membership', { room, user, role: 'owner' })
        bus.emit('inbox', { user, notice: { type: 'role', room, role: 'owner', by: me } })
        await store.audit.append({ at, action: 'owner-made', actor: me, subject: user, room })
      }
      bus.emit('membership', { room, user: me, role: 'admin' })
      bus.emit('inbox', { user: me, notice: { type: 'role', room, role: 'admin', by: me } })
      await store.audit.append({ at, action: 'owner-ended', actor: me, subject: me, room })
      return show(room, user, session.user)
    },
  })
}
