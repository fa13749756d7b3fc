import { useEffect } from 'preact/hooks'
import { createResource } from '../../state/resource.ts'
import { invitePath, type Route } from '../../state/routes.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useEntrance } from '../entrance-context.tsx'
import { InviteNote } from '../invites/invite-note.tsx'
import { inviteSentence, membersText } from '../invites/invite-text.ts'
import { SignIn } from './sign-in.tsx'
import { SignUp } from './sign-up.tsx'

/** A link in the hands of somebody unknown: whose it is, and the way in, with the code kept in the address. */
export function InviteGate({ route }: { route: Extract<Route, { name: 'invite' }> }) {
  const { describeInvite, navigation } = useEntrance()
  const { code, step } = route
  const shown = useConstant(() => createResource(() => describeInvite(code)))
  useEffect(() => void shown.load(), [shown])
  const invite = shown.value.value
  if (!invite) {
    return (
      <div class="form">
        <h1>Invitation</h1>
        <InviteNote resource={shown} />
        <p class="gate-other">
          <a href="/signin">Sign in</a> without an invitation
        </p>
      </div>
    )
  }

  const note = inviteSentence(invite)
  // What leads to no room needs no second look once the account is there.
  const signInPath = invite.room ? invitePath(code, 'signin') : '/signin'
  const onDone = () => {
    if (!invite.room) navigation.redirect('/')
  }
  if (step === 'signup' && invite.registers) return <SignUp invite={{ code, note, signInPath, onDone }} />
  if (step === 'signin') {
    return (
      <div class="form">
        <p class="note" dir="auto">
          {note}
        </p>
        <SignIn signUpPath={invite.registers ? invitePath(code, 'signup') : undefined} />
      </div>
    )
  }
  return (
    <div class="form">
      <h1 dir="auto">{note}</h1>
      {invite.room && (
        <p class="muted">
          {invite.room.kind === 'private' ? 'Private room' : 'Public room'}, {membersText(invite.room.members)}
        </p>
      )}
      {invite.registers ? (
        <a class="button button-primary button-wide" href={invitePath(code, 'signup')}>
          Create an account
        </a>
      ) : (
        <p class="note">This link is for people who have an account here.</p>
      )}
      <a class="button button-wide" href={signInPath}>
        {invite.registers ? 'I have an account' : 'Sign in'}
      </a>
    </div>
  )
}
