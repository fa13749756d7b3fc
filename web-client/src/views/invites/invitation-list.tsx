import { useState } from 'preact/hooks'
import { failureText } from '../../state/failure.ts'
import type { Invitation } from '../../state/invites.ts'
import { roomPath } from '../../state/routes.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { useApp } from '../app-context.tsx'
import { membersText } from './invite-text.ts'
import { useInvites } from './use-invites.ts'

/** The rooms that I am invited to, above my own: in or not, by my own choice. */
export function InvitationList() {
  const { invitations } = useApp()
  return (
    <section class="invitations" aria-labelledby="invitations-title">
      <h2 id="invitations-title" class="label">
        Invitations
      </h2>
      <ul>
        {invitations.list.value.map((invitation) => (
          <InvitationRow key={invitation.room} invitation={invitation} />
        ))}
      </ul>
    </section>
  )
}

function InvitationRow({ invitation }: { invitation: Invitation }) {
  const { invitations, navigation, notices } = useApp()
  const invites = useInvites()
  const [busy, setBusy] = useState(false)
  const { room, name, by, members, kind } = invitation

  async function answer(how: 'accept' | 'decline'): Promise<void> {
    if (busy) return
    setBusy(true)
    try {
      await invites[how](room)
      if (how === 'accept') navigation.go(roomPath(room))
    } catch (error) {
      notices.show(failureText(error))
    }
    await invitations.load()
    setBusy(false)
  }

  return (
    <li class="invitation">
      <Avatar id={room} name={name} shape="room" />
      <div class="row-main">
        <div class="row-title" dir="auto">
          {name}
        </div>
        <div class="row-line">
          <span dir="auto">{by.displayName}</span> invites you · {kind === 'private' ? 'private' : 'public'},{' '}
          {membersText(members)}
        </div>
        <div class="button-row">
          <button type="button" class="button button-primary" aria-disabled={busy} onClick={() => answer('accept')}>
            Accept<span class="visually-hidden"> the invitation to {name}</span>
          </button>
          <button type="button" class="button" aria-disabled={busy} onClick={() => answer('decline')}>
            Decline<span class="visually-hidden"> the invitation to {name}</span>
          </button>
        </div>
      </div>
    </li>
  )
}
