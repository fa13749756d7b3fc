import { useState } from 'preact/hooks'
import { PASSWORD_MIN_LENGTH } from '../../../../protocol/limits.ts'
import { createRecovery } from '../../state/recovery.ts'
import { PasswordField } from '../../ui/field.tsx'
import { useEntrance } from '../entrance-context.tsx'
import { FormError, SubmitButton, useSubmit } from '../submit-form.tsx'

/** Where a mailed link leads: another password, chosen once. */
export function Reset({ token }: { token: string }) {
  const { post } = useEntrance()
  const [done, setDone] = useState(false)
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    await createRecovery(post).finish(token, String(form.get('newPassword')))
    setDone(true)
  })
  if (done) return <Done />
  const weak = failure?.code === 'weak_password' ? failure.text : undefined
  return (
    <form class="form" onSubmit={onSubmit}>
      <h1>Choose a new password</h1>
      {!weak && <FormError failure={failure} />}
      <PasswordField
        label="New password"
        name="newPassword"
        required
        minLength={PASSWORD_MIN_LENGTH}
        autocomplete="new-password"
        hint={`At least ${PASSWORD_MIN_LENGTH} characters; a few words are best. Every device is signed out.`}
        error={weak}
      />
      <SubmitButton busy={busy}>Set password</SubmitButton>
      <p class="gate-other">
        {failure?.code === 'invalid_link' ? (
          <a href="/forgot">Ask for another link</a>
        ) : (
          <a href="/signin">Back to signing in</a>
        )}
      </p>
    </form>
  )
}

function Done() {
  return (
    <div class="form">
      <h1>Password changed</h1>
      <p role="status">Every device was signed out. Sign in with the new password.</p>
      <a class="button button-primary button-wide" href="/signin" data-replace>
        Sign in
      </a>
    </div>
  )
}
