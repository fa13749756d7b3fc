import { codeText } from '../../state/failure.ts'
import { Field, PasswordField } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { lazy } from '../../ui/lazy.tsx'
import { useEntrance } from '../entrance-context.tsx'
import { FormError, SubmitButton, useSubmit } from '../submit-form.tsx'
import { ProviderButton } from './provider-sign-in.tsx'

const ProviderNote = lazy(async () => (await import('./provider-note.tsx')).ProviderNote)

/** `signUpPath`: where somebody who was invited makes an account. */
export function SignIn({ signUpPath }: { signUpPath?: string | undefined }) {
  const { session, server, signIn, provider, passkeys, usePasskey: signInWithPasskey } = useEntrance()
  const { failure, busy, onSubmit, run } = useSubmit((form) =>
    signIn({
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
      {provider.outcome.value !== undefined && <ProviderNote />}
      <FormError failure={failure} />
      <Field
        label={server.value.value?.email ? 'User name or e-mail address' : 'User name'}
        name="username"
        required
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
      />
      <PasswordField label="Password" name="password" required autocomplete="current-password" />
      <SubmitButton busy={busy}>Sign in</SubmitButton>
      {passkeys.available && (
        <button type="button" class="button button-wide" aria-disabled={busy} onClick={() => run(signInWithPasskey)}>
          <Icon name="key" />
          Use a passkey
        </button>
      )}
      <ProviderButton />
      <p class="gate-other">
        <a href="/forgot">Forgotten your password?</a>
      </p>
      <Newcomers signUpPath={signUpPath} />
    </form>
  )
}

/** The way to an account, where the server makes them; the line keeps its place until that is known. */
function Newcomers({ signUpPath }: { signUpPath: string | undefined }) {
  const { value, error } = useEntrance().server
  const registration = value.value?.registration
  if (signUpPath === undefined && registration === 'invite') {
    return <p class="gate-other">New here? You need an invitation: a link from somebody who is in.</p>
  }
  if (signUpPath === undefined && registration === 'closed') {
    return <p class="gate-other">New here? Accounts are made by whoever runs this server.</p>
  }
  return (
    <p
      class="gate-other"
      data-known={signUpPath !== undefined || registration !== undefined || error.value !== undefined}
    >
      New here? <a href={signUpPath ?? '/signup'}>Create an account</a>
    </p>
  )
}
