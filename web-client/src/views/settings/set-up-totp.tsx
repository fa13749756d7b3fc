import type { NewTotp } from '../../state/second-factor.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { QrCode } from '../../ui/qr-code.tsx'
import { useApp } from '../app-context.tsx'
import { copyText } from '../copy-text.ts'
import { FormError, SubmitButton, useSubmit } from '../submit-form.tsx'

type Props = { totp: NewTotp; confirm: (otp: string) => Promise<void>; onClose: () => void }

/** The secret, for a camera and for the keyboard; a first code proves that the app has it. */
export function SetUpTotp({ totp, confirm, onClose }: Props) {
  const { notices } = useApp()
  const { failure, busy, onSubmit } = useSubmit((fields) => confirm(String(fields.get('otp')).trim()))
  const wrong = failure?.code === 'invalid_otp' ? failure.text : undefined
  return (
    <Dialog title="Set up an authenticator app" onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <p>Let the app read this picture, or type the secret into it.</p>
        <QrCode text={totp.uri} label="QR code with the secret for the authenticator app" />
        <div class="code-block">
          <div class="section-head">
            <span class="label">Secret</span>
            <button type="button" class="button" onClick={() => copyText(totp.secret, notices)}>
              <Icon name="copy" />
              Copy<span class="visually-hidden"> the secret</span>
            </button>
          </div>
          <pre>{totp.secret.replaceAll(/.{4}(?=.)/g, '$& ')}</pre>
        </div>
        {!wrong && <FormError failure={failure} />}
        <Field
          label="Code"
          name="otp"
          required
          autocomplete="one-time-code"
          inputMode="numeric"
          maxLength={7}
          hint="The six digits that the app shows now."
          error={wrong}
        />
        <SubmitButton busy={busy}>Turn on</SubmitButton>
      </form>
    </Dialog>
  )
}
