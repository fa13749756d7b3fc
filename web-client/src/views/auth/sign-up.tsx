import { useState } from 'preact/hooks'
import { isUserId } from '../../../../protocol/ids.ts'
import { PASSWORD_MIN_LENGTH } from '../../../../protocol/limits.ts'
import { Field, PasswordField } from '../../ui/field.tsx'
import { useEntrance } from '../entrance-context.tsx'
import { FormError, SubmitButton, useSubmit } from '../submit-form.tsx'
import { ProviderButton } from './provider-sign-in.tsx'

const NAME_RULE = 'a to z, 0 to 9, _ . and -, at least two. Others find you by it; it cannot be changed.'

/** What the browser refuses before the server does. */
const EMAIL = '[^\\s@]+@[^\\s@]+\\.[^\\s@]+'

/** Whose invitation somebody follows. `onDone`: the account is made. */
type Invite = { code: string; note: string; signInPath: string; onDone(): void }

export function SignUp({ invite }: { invite?: Invite }) {
  const { register, server } = useEntrance()
  const [username, setUsername] = useState('')
  const [checked, setChecked] = useState(false)
  const [length, setLength] = useState(0)
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    setChecked(true)
    if (!isUserId(username)) return
    const displayName = String(form.get('displayName')).trim()
    const email = String(form.get('email') ?? '').trim()
    await register({
      username,
      password: String(form.get('password')),
      ...(displayName !== '' && { displayName }),
      ...(email !== '' && { email }),
      ...(invite && { invite: invite.code }),
    })
    invite?.onDone()
  })
  const nameError =
    failure?.code === 'username_taken'
      ? failure.text
      : checked && username !== '' && !isUserId(username)
        ? `Not a user name: ${NAME_RULE}`
        : undefined
  const passwordError = failure?.code === 'weak_password' ? failure.text : undefined
  const left = PASSWORD_MIN_LENGTH - length
  return (
    <form class="form" onSubmit={onSubmit}>
      <h1>Create an account</h1>
      {invite && (
        <p class="note" dir="auto">
          {invite.note}
        </p>
      )}
      {!nameError && !passwordError && <FormError failure={failure} />}
      <Field
        label="Your name"
        name="displayName"
        autocomplete="name"
        maxLength={80}
        hint="As others see it. You can change it."
      />
      <Field
        label="User name"
        name="username"
        required
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        maxLength={32}
        value={username}
        hint={nameError ? undefined : NAME_RULE}
        error={nameError}
        onInput={(event) => setUsername(event.currentTarget.value.trim().toLowerCase())}
        onBlur={() => setChecked(true)}
      />
      <PasswordField
        label="Password"
        name="password"
        required
        minLength={PASSWORD_MIN_LENGTH}
        autocomplete="new-password"
        hint={
          length > 0 && left > 0
            ? `${left} more to go`
            : `At least ${PASSWORD_MIN_LENGTH} characters; a few words are best.`
        }
        error={passwordError}
        onInput={(event) => setLength(event.currentTarget.value.length)}
      />
      {server.value.value?.email && (
        <Field
          label="E-mail address"
          name="email"
          inputMode="email"
          autocomplete="email"
          autocapitalize="none"
          spellcheck={false}
          maxLength={254}
          hint="If you like. With it you choose a new password when you forget this one."
          pattern={EMAIL}
          title="An e-mail address, such as ana@example.org"
        />
      )}
      <SubmitButton busy={busy}>Create account</SubmitButton>
      {invite === undefined && <ProviderButton />}
      <p class="gate-other">
        Already here? <a href={invite?.signInPath ?? '/signin'}>Sign in</a>
      </p>
    </form>
  )
}
