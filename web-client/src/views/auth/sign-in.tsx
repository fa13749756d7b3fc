import { codeText } from '../../state/failure.ts'
import { Field, PasswordField } from '../../ui/field.tsx'
import { useApp } from '../app-context.tsx'
import { FormError, SubmitButton, useSubmit } from '../submit-form.tsx'

export function SignIn() {
  const { client, session } = useApp()
  const { failure, busy, onSubmit } = useSubmit((form) =>
    client.signIn({
      username: String(form.get('username')).trim().toLowerCase(),
      password: String(form.get('password')),
    }),
  )
  const ended = session.value.kind === 'signed-out' ? session.value.code : undefined
  return (
    <form class="form" onSubmit={onSubmit}>
      <h1>Sign in</h1>
      {ended !== undefined && !failure && (
        <p class="note" role="status">
          {codeText(ended)}
        </p>
      )}
      <FormError failure={failure} />
      <Field
        label="User name"
        name="username"
        required
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
      />
      <PasswordField label="Password" name="password" required autocomplete="current-password" />
      <SubmitButton busy={busy}>Sign in</SubmitButton>
      <p class="gate-other">
        New here? <a href="/signup">Create an account</a>
      </p>
    </form>
  )
}
