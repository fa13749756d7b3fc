import { useEffect, useState } from 'preact/hooks'
import { createResource, type Resource } from '../../state/resource.ts'
import type { NewTotp, SecondFactor, SecondFactorInfo } from '../../state/second-factor.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Field, PasswordField } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'
import { FormError, SubmitButton, useSubmit } from '../submit-form.tsx'
import { useProof } from './proof.tsx'
import { SetUpTotp } from './set-up-totp.tsx'

type Props = {
  factor: SecondFactor
  state: Resource<SecondFactorInfo>
  /** Recovery codes to be shown now. */
  onCodes(codes: readonly string[]): void
}

/** The authenticator app and the recovery codes. */
export function SecondFactorSection({ factor, state, onCodes }: Props) {
  const { prove, busy, dialog } = useProof()
  const [beginning, setBeginning] = useState<NewTotp | undefined>(undefined)
  const [removing, setRemoving] = useState(false)
  const info = state.value.value

  const begin = () => prove(async (password) => setBeginning(await factor.beginTotp(password)))
  const renew = () =>
    prove(async (password) => {
      onCodes(await factor.newRecoveryCodes(password))
      await state.load()
    })
  return (
    <section class="section" aria-labelledby="second-factor-title">
      <SectionTitle id="second-factor-title">Two-factor sign-in</SectionTitle>
      <p class="muted">
        After the password, a code that an app on your phone shows: who has learnt your password does not come in with
        it alone.
      </p>
      <ResourceNote resource={state} />
      {info && !info.totp && (
        <div class="button-row">
          <button type="button" class="button" aria-disabled={busy} onClick={begin}>
            Set up an authenticator app
          </button>
        </div>
      )}
      {info && (info.totp || info.passkeys > 0) && (
        <ul class="rows">
          {info.totp && (
            <li class="row">
              <Icon name="tick" />
              <div class="row-main">
                <div class="row-title">Authenticator app</div>
                <div class="row-line">Its codes are asked for after the password.</div>
              </div>
              <button type="button" class="button" onClick={() => setRemoving(true)}>
                Remove<span class="visually-hidden"> the authenticator app</span>
              </button>
            </li>
          )}
          <li class="row">
            <Icon name="key" />
            <div class="row-main">
              <div class="row-title">Recovery codes</div>
              <div class="row-line">{leftText(info.recoveryCodes)}</div>
            </div>
            <button type="button" class="button" aria-disabled={busy} onClick={renew}>
              Make new ones<span class="visually-hidden">: recovery codes</span>
            </button>
          </li>
        </ul>
      )}
      {dialog}
      {beginning && (
        <SetUpTotp
          totp={beginning}
          confirm={async (otp) => {
            const codes = await factor.confirmTotp(otp)
            setBeginning(undefined)
            onCodes(codes)
            await state.load()
          }}
          onClose={() => setBeginning(undefined)}
        />
      )}
      {removing && (
        <RemoveTotp
          factor={factor}
          onRemoved={() => {
            setRemoving(false)
            void state.load()
          }}
          onClose={() => setRemoving(false)}
        />
      )}
    </section>
  )
}

function leftText(count: number): string {
  if (count === 0) return 'None is left. Make new ones.'
  return count === 1 ? 'One is left.' : `${count} are left.`
}

function RemoveTotp({
  factor,
  onRemoved,
  onClose,
}: {
  factor: SecondFactor
  onRemoved: () => void
  onClose: () => void
}) {
  const { notices } = useApp()
  const password = useConstant(() => createResource(() => factor.hasPassword()))
  useEffect(() => void password.load(), [password])
  const hasPassword = password.value.value !== false
  const { failure, busy, onSubmit } = useSubmit(async (fields) => {
    const given = hasPassword ? String(fields.get('password')) : undefined
    await factor.removeTotp(String(fields.get('otp')).trim(), given)
    notices.show('The authenticator app was removed')
    onRemoved()
  })
  const wrongPassword =
    hasPassword && failure?.code === 'invalid_credentials' ? 'This is not your password.' : undefined
  const wrongCode = failure?.code === 'invalid_otp' ? failure.text : undefined
  return (
    <Dialog title="Remove the authenticator app?" onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <p>Its codes will not be asked for any more.</p>
        {!wrongPassword && !wrongCode && <FormError failure={failure} />}
        {hasPassword && (
          <PasswordField
            label="Your password"
            name="password"
            required
            autocomplete="current-password"
            error={wrongPassword}
          />
        )}
        <Field
          label="Code"
          name="otp"
          required
          autocomplete="one-time-code"
          maxLength={32}
          hint="Of the app, or a recovery code."
          error={wrongCode}
        />
        <SubmitButton busy={busy}>Remove</SubmitButton>
      </form>
    </Dialog>
  )
}
