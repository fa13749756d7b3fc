import type { ChatClient, MemberSummary, RoomSummary } from '../../state/client-types.ts'
import { isMuted, mayIn } from '../../state/may.ts'
import { moderationOf } from '../../state/moderation-calls.ts'
import type { MenuItem } from '../../ui/menu.tsx'
import type { Question } from './moderate-dialog.tsx'
import { aRole, ROLES } from './role-names.ts'

type Deps = {
  room: RoomSummary
  member: MemberSummary
  name: string
  /** Does it and says what was done, or why it could not be. */
  attempt(work: () => Promise<unknown>, done: string): void
  ask(question: Question): void
  client: ChatClient
}

/** What I may do about a member: nothing is offered that the server would refuse. */
export function memberMenu({ room, member, name, attempt, ask, client }: Deps): MenuItem[] {
  const { user, role: target, mute } = member
  const items: MenuItem[] = []
  for (const role of ROLES) {
    if (role === target || !mayIn(room, 'change-role', { target, role })) continue
    items.push({
      name: `Make ${role}`,
      icon: 'key',
      run: () => attempt(() => client.putMember(room.room, user, role), `${name} is now ${aRole(role)}`),
    })
  }
  if (mayIn(room, 'transfer')) {
    items.push({ name: 'Hand over the room', icon: 'key', run: () => ask({ kind: 'transfer', user }) })
  }
  if (mayIn(room, 'mute', { target })) {
    items.push(
      isMuted(mute, Date.now())
        ? {
            name: 'Let write again',
            icon: 'tick',
            run: () => attempt(() => moderationOf(client, room.room).unmute(user), `${name} may write again`),
          }
        : { name: 'Mute', icon: 'clock', run: () => ask({ kind: 'mute', user }) },
    )
  }
  if (mayIn(room, 'remove-member', { target })) {
    items.push({ name: 'Remove from room', icon: 'leave', danger: true, run: () => ask({ kind: 'remove', user }) })
  }
  if (mayIn(room, 'ban', { target })) {
    items.push({ name: 'Ban from room', icon: 'lock', danger: true, run: () => ask({ kind: 'ban', user }) })
  }
  return items
}
