import { useRef } from 'preact/hooks'
import { PASSWORD_MIN_LENGTH } from '../../../../protocol/limits.ts'
import { createAccount } from '../../state/account.ts'
import { PasswordField } from '../../ui/field.tsx'
import { useApp } from '../app-context.tsx'
import { SectionTitle } from '../section-title.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'

export function Password() {
  return (
    <section class="section" aria-labelledby="password-title">
      <SectionTitle id="password-title">Password</SectionTitle>
      <PasswordForm />
    </section>
  )
}

function PasswordForm() {
  const { client, notices } = useApp()
  const form = useRef<HTMLFormElement>(null)
  const { failure, busy, onSubmit } = useSubmit(async (fields) => {
    await createAccount(client).changePassword(String(fields.get('password')), String(fields.get('newPassword')))
    form.current?.reset()
    notices.show('Password changed; other sessions were signed out')
  })
  const wrong = failure?.code === 'invalid_credentials' ? 'This is not your present password.' : undefined
  const weak = failure?.code === 'weak_password' ? failure.text : undefined
  return (
    <form ref={form} class="form" onSubmit={onSubmit}>
      {!wrong && !weak && <FormError failure={failure} />}
      <PasswordField label="Present password" name="password" required autocomplete="current-password" error={wrong} />
      <PasswordField
        label="New password"
        name="newPassword"
        required
        minLength={PASSWORD_MIN_LENGTH}
        autocomplete="new-password"
        hint={`At least ${PASSWORD_MIN_LENGTH} characters. All other sessions are signed out.`}
        error={weak}
      />
      <div class="button-row">
        <button type="submit" class="button" aria-disabled={busy}>
          {busy ? 'One moment…' : 'Change password'}
        </button>
      </div>
    </form>
  )
}
