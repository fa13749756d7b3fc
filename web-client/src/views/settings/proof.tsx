import { useEffect, useRef, useState } from 'preact/hooks'
import { failureText } from '../../state/failure.ts'
import { needsPassword } from '../../state/second-factor.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { PasswordField } from '../../ui/field.tsx'
import { useApp } from '../app-context.tsx'
import { FormError, SubmitButton, useSubmit } from '../submit-form.tsx'

type Work = (password?: string) => Promise<void>

/**
 * Does what the server may want the password for, which it does not shortly after a sign-in. `dialog` is to be shown
 * somewhere: it asks for the password when it comes to that.
 */
export function useProof() {
  const { notices } = useApp()
  const [asked, setAsked] = useState<Work | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  function prove(work: Work): void {
    if (busy) return
    setBusy(true)
    work()
      .catch((error: unknown) => {
        if (needsPassword(error)) setAsked(() => work)
        else notices.show(failureText(error))
      })
      .finally(() => setBusy(false))
  }
  const close = (): void => setAsked(undefined)
  const dialog = asked && (
    <PasswordDialog
      work={async (password) => {
        await asked(password)
        close()
      }}
      onClose={close}
    />
  )
  return { prove, busy, dialog }
}

function PasswordDialog({ work, onClose }: { work: (password: string) => Promise<void>; onClose: () => void }) {
  const form = useRef<HTMLFormElement>(null)
  const { failure, busy, onSubmit } = useSubmit((fields) => work(String(fields.get('password'))))
  useEffect(() => form.current?.querySelector('input')?.focus(), [])
  const wrong = failure?.code === 'invalid_credentials' ? failure.text : undefined
  return (
    <Dialog title="Is it you?" onClose={onClose}>
      <form ref={form} class="form" onSubmit={onSubmit}>
        <p>It has been a while since you signed in. Your password, please; if you have none, sign out and in again.</p>
        {!wrong && <FormError failure={failure} />}
        <PasswordField label="Your password" name="password" required autocomplete="current-password" error={wrong} />
        <SubmitButton busy={busy}>Go on</SubmitButton>
      </form>
    </Dialog>
  )
}
