import type { Role } from '../../../../protocol/events.ts'
import type { MemberSummary } from '../../state/client-types.ts'
import { failureText } from '../../state/failure.ts'
import { isHere, nameIn } from '../../state/people.ts'
import type { RoomModel } from '../../state/room-model.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Menu, type MenuItem } from '../../ui/menu.tsx'
import { momentName } from '../../ui/times.ts'
import { useApp } from '../app-context.tsx'

const RANK: Record<Role, number> = { owner: 3, admin: 2, member: 1, reader: 0 }
const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'reader']
const ROLE_NAMES: Record<Role, string> = { owner: 'Owner', admin: 'Admin', member: 'Member', reader: 'Reader' }

/** Who is in the room, by role, those who are here first ([P2]). */
export function MemberList({ model }: { model: RoomModel }) {
  const { snapshot, me, client, notices, navigation } = useApp()
  const members = model.open.value?.members
  const { users } = snapshot.value
  const myId = me.value?.id
  const myRole = model.summary.value?.role
  if (!members) return <p class="muted">Loading members…</p>

  const here = ({ user }: MemberSummary): number => (isHere(users.get(user)?.presence) ? 0 : 1)
  const sorted = [...members].sort(
    (a, b) =>
      RANK[b.role] - RANK[a.role] || here(a) - here(b) || nameIn(users, a.user).localeCompare(nameIn(users, b.user)),
  )

  function attempt(work: Promise<unknown>, done: string): void {
    work.then(
      () => notices.show(done),
      (error: unknown) => notices.show(failureText(error)),
    )
  }
  function menuOf({ user, role }: MemberSummary): MenuItem[] {
    const name = nameIn(users, user)
    const mayChange = myRole === 'owner' || (myRole === 'admin' && RANK[role] < RANK.admin)
    return [
      {
        name: 'Message',
        icon: 'reply',
        run: () => {
          client.startDirect(user).then(
            (room) => navigation.go(`/r/${room}`),
            (error: unknown) => notices.show(failureText(error)),
          )
        },
      },
      ...(mayChange
        ? [
            ...ROLES.filter((other) => other !== role && (myRole === 'owner' || RANK[other] <= RANK.admin)).map(
              (other): MenuItem => ({
                name: `Make ${ROLE_NAMES[other].toLowerCase()}`,
                icon: 'key',
                run: () =>
                  attempt(
                    client.putMember(model.room, user, other),
                    `${name} is now ${other === 'owner' || other === 'admin' ? 'an' : 'a'} ${other}`,
                  ),
              }),
            ),
            {
              name: 'Remove from room',
              icon: 'leave',
              danger: true,
              run: () => attempt(client.removeMember(model.room, user), `${name} was removed`),
            } as const,
          ]
        : []),
    ]
  }

  return (
    <ul class="rows">
      {sorted.map((member) => {
        const presence = users.get(member.user)?.presence
        const name = nameIn(users, member.user)
        return (
          <li key={member.user} class="row">
            <Avatar id={member.user} name={name} presence={presence} />
            <div class="row-main">
              <div class="row-title" dir="auto">
                {name}
                {member.user === myId && <span class="muted"> (you)</span>}
              </div>
              <div class="row-line">
                {ROLE_NAMES[member.role]}
                {isHere(presence) && ' · online'}
                {presence?.state === 'offline' &&
                  presence.lastSeen !== undefined &&
                  ` · last here ${momentName(presence.lastSeen, Date.now())}`}
              </div>
            </div>
            {member.user !== myId && (
              <Menu class="icon-button" label={`Actions for ${name}`} items={menuOf(member)}>
                <Icon name="more" />
              </Menu>
            )}
          </li>
        )
      })}
    </ul>
  )
}
