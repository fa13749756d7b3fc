import { useState } from 'preact/hooks'
import type { Mute } from '../../../../protocol/room-settings.ts'
import type { MemberSummary } from '../../state/client-types.ts'
import { failureText } from '../../state/failure.ts'
import { isMuted } from '../../state/may.ts'
import { isHere, nameIn } from '../../state/people.ts'
import type { RoomModel } from '../../state/room-model.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Menu, type MenuItem } from '../../ui/menu.tsx'
import { momentName } from '../../ui/times.ts'
import { useApp } from '../app-context.tsx'
import { memberMenu } from './member-menu.ts'
import { ModerateDialog, type Question } from './moderate-dialog.tsx'
import { ROLE_NAMES, ROLES } from './role-names.ts'

/** Who is in the room, by role, those who are here first ([P2]). */
export function MemberList({ model }: { model: RoomModel }) {
  const { snapshot, me, person, client, notices, navigation } = useApp()
  const members = model.open.value?.members
  const { users } = snapshot.value
  const myId = me.value?.id
  const room = model.summary.value
  const [question, setQuestion] = useState<Question | undefined>(undefined)
  if (!members) return <p class="muted">Loading members…</p>

  const here = ({ user }: MemberSummary): number => (isHere(users.get(user)?.presence) ? 0 : 1)
  const sorted = [...members].sort(
    (a, b) =>
      ROLES.indexOf(a.role) - ROLES.indexOf(b.role) ||
      here(a) - here(b) ||
      nameIn(users, a.user).localeCompare(nameIn(users, b.user)),
  )

  function attempt(work: () => Promise<unknown>, done: string): void {
    work().then(
      () => notices.show(done),
      (error: unknown) => notices.show(failureText(error)),
    )
  }
  function menuOf(member: MemberSummary): MenuItem[] {
    const { user } = member
    const name = nameIn(users, user)
    return [
      {
        name: 'Profile',
        icon: 'person',
        run: () => {
          person.value = user
        },
      },
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
      ...(room ? memberMenu({ room, member, name, attempt, ask: setQuestion, client }) : []),
    ]
  }

  return (
    <>
      <ul class="rows">
        {sorted.map((member) => {
          const presence = users.get(member.user)?.presence
          const name = nameIn(users, member.user)
          return (
            <li key={member.user} class="row">
              <Avatar id={member.user} name={name} picture={users.get(member.user)?.avatar} presence={presence} />
              <div class="row-main">
                <div class="row-title" dir="auto">
                  {name}
                  {member.user === myId && <span class="muted"> (you)</span>}
                </div>
                <div class="row-line">
                  {ROLE_NAMES[member.role]}
                  {isMuted(member.mute, Date.now()) && muteText(member.mute)}
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
      {question && room && (
        <ModerateDialog
          question={question}
          room={room}
          name={nameIn(users, question.user)}
          onClose={() => setQuestion(undefined)}
        />
      )}
    </>
  )
}

const muteText = (mute: Mute | undefined): string =>
  mute?.until === undefined ? ' · muted' : ` · muted until ${momentName(mute.until, Date.now())}`
