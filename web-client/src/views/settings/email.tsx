import { useEffect, useRef } from 'preact/hooks'
import type { EmailState } from '../../../../protocol/http/email.ts'
import { createEmail, type Email as MyEmail } from '../../state/email.ts'
import { failureText } from '../../state/failure.ts'
import { createResource, type Resource } from '../../state/resource.ts'
import { Field, PasswordField } from '../../ui/field.tsx'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'

/** Where I can be reached, and get a link when I forget the password. */
export function Email() {
  const { call, server } = useApp()
  const email = useConstant(() => createEmail(call))
  const state = useConstant(() => createResource(email.show))
  useEffect(() => {
    void state.load()
    if (!server.value.peek()) void server.load()
  }, [state, server])
  const sendsMail = server.value.value?.email ?? true
  const present = state.value.value
  return (
    <section class="section" aria-labelledby="email-title">
      <SectionTitle id="email-title">E-mail address</SectionTitle>
      <p class="muted">
        {sendsMail
          ? 'With a verified address you can sign in with it, and choose a new password when you forget it. Nobody else sees it.'
          : 'This server sends no mail. An address is kept, but cannot be verified.'}
      </p>
      <ResourceNote resource={state} />
      {present && <Present present={present} email={email} sendsMail={sendsMail} />}
      {present && <EmailForm key={present.email} present={present} email={email} state={state} sendsMail={sendsMail} />}
    </section>
  )
}

type Props = { present: EmailState; email: MyEmail; sendsMail: boolean }

function Present({ present, email, sendsMail }: Props) {
  const { notices } = useApp()
  if (present.email === undefined) return null
  async function sendLink(): Promise<void> {
    try {
      await email.sendLink()
      notices.show('A link is on its way')
    } catch (error) {
      notices.show(failureText(error))
    }
  }
  return (
    <>
      <div class="row">
        <div class="row-main">
          <div class="row-title">{present.email}</div>
          <div class="row-line">
            {present.emailVerified ? 'Verified' : 'Not verified yet: open the link in the mail'}
          </div>
        </div>
      </div>
      {sendsMail && !present.emailVerified && (
        <div class="button-row">
          <button type="button" class="button" onClick={sendLink}>
            Send the link again
          </button>
        </div>
      )}
    </>
  )
}

function EmailForm({ present, email, state, sendsMail }: Props & { state: Resource<EmailState> }) {
  const { notices } = useApp()
  const form = useRef<HTMLFormElement>(null)
  const { failure, busy, onSubmit } = useSubmit(async (fields) => {
    const changed = await email.change(String(fields.get('email')).trim(), String(fields.get('password')))
    form.current?.reset()
    notices.show(
      changed.email === undefined
        ? 'Address removed'
        : sendsMail && !changed.emailVerified
          ? 'Saved; open the link in the mail'
          : 'Saved',
    )
    await state.load()
  })
  const wrong = failure?.code === 'invalid_credentials' ? 'This is not your present password.' : undefined
  const invalid = failure?.code === 'invalid_request' ? 'This is not an e-mail address.' : undefined
  return (
    <form ref={form} class="form" onSubmit={onSubmit}>
      {!wrong && !invalid && <FormError failure={failure} />}
      <Field
        label="Address"
        name="email"
        inputMode="email"
        autocomplete="email"
        autocapitalize="none"
        spellcheck={false}
        maxLength={254}
        defaultValue={present.email ?? ''}
        hint={present.email === undefined ? undefined : 'Leave it empty to remove the address.'}
        error={invalid}
      />
      <PasswordField
        label="Your password"
        name="password"
        required
        autocomplete="current-password"
        hint="So that nobody else changes the address."
        error={wrong}
      />
      <div class="button-row">
        <button type="submit" class="button" aria-disabled={busy}>
          {busy ? 'One moment…' : 'Save address'}
        </button>
      </div>
    </form>
  )
}
