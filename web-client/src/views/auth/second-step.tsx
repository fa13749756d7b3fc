import { useEffect, useRef, useState } from 'preact/hooks'
import { Field } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useEntrance } from '../entrance-context.tsx'
import { FormError, SubmitButton, useSubmit } from '../submit-form.tsx'

const CODE_LENGTH = 6

type Way = 'code' | 'recovery' | 'passkey'

/** After the password: a code of the app, one on paper, or a passkey ([U5]). */
export function SecondStep() {
  const { secondStep, passkeys, startOver } = useEntrance()
  const methods = secondStep.value?.methods ?? []
  const ways: Way[] = [
    ...(methods.includes('otp') ? (['code'] as const) : []),
    ...(methods.includes('passkey') && passkeys.available ? (['passkey'] as const) : []),
    'recovery',
  ]
  const [chosen, choose] = useState<Way | undefined>(undefined)
  const way = chosen ?? ways[0] ?? 'recovery'
  return (
    <div class="form">
      <h1>One more step</h1>
      {way === 'passkey' ? <PasskeyStep /> : <CodeStep key={way} paper={way === 'recovery'} />}
      <div class="gate-ways">
        {ways
          .filter((other) => other !== way)
          .map((other) => (
            <button key={other} type="button" class="link-button" onClick={() => choose(other)}>
              {NAMES[other]}
            </button>
          ))}
        <button type="button" class="link-button" onClick={startOver}>
          Back to the beginning
        </button>
      </div>
    </div>
  )
}

const NAMES: Record<Way, string> = {
  code: 'Use a code of the app',
  recovery: 'Use a recovery code',
  passkey: 'Use a passkey',
}

function CodeStep({ paper }: { paper: boolean }) {
  const { giveCode } = useEntrance()
  const form = useRef<HTMLFormElement>(null)
  const { failure, busy, onSubmit } = useSubmit((fields) => giveCode(String(fields.get('otp')).trim()))
  const focus = (): void => form.current?.querySelector('input')?.focus()
  useEffect(focus, [])
  const wrong = failure?.code === 'invalid_otp' ? failure.text : undefined
  useEffect(() => {
    if (wrong !== undefined) form.current?.querySelector('input')?.select()
  }, [wrong, failure])
  return (
    <form ref={form} class="form" onSubmit={onSubmit}>
      {!wrong && <FormError failure={failure} />}
      {paper ? (
        <Field
          label="Recovery code"
          name="otp"
          required
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          maxLength={32}
          hint="One of the ten that you were shown. It works once."
          error={wrong}
        />
      ) : (
        <Field
          label="Code"
          name="otp"
          required
          autocomplete="one-time-code"
          inputMode="numeric"
          maxLength={CODE_LENGTH + 1}
          hint="The six digits that your authenticator app shows for Tidings."
          error={wrong}
          onInput={({ currentTarget: { value } }) => {
            if (/^\d{6}$/.test(value.replaceAll(' ', ''))) form.current?.requestSubmit()
          }}
        />
      )}
      <SubmitButton busy={busy}>Go on</SubmitButton>
    </form>
  )
}

function PasskeyStep() {
  const { usePasskey: signWithPasskey } = useEntrance()
  const form = useRef<HTMLFormElement>(null)
  const { failure, busy, onSubmit } = useSubmit(() => signWithPasskey())
  useEffect(() => form.current?.querySelector('button')?.focus(), [])
  return (
    <form ref={form} class="form" onSubmit={onSubmit}>
      <FormError failure={failure} />
      <p class="muted">Your device or security key proves that it is you.</p>
      <button type="submit" class="button button-primary button-wide" aria-disabled={busy}>
        <Icon name="key" />
        {busy ? 'Waiting for the passkey…' : 'Use a passkey'}
      </button>
    </form>
  )
}
