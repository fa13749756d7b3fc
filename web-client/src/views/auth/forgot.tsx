import { useState } from 'preact/hooks'
import { createRecovery } from '../../state/recovery.ts'
import { Field } from '../../ui/field.tsx'
import { useEntrance } from '../entrance-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { FormError, SubmitButton, useSubmit } from '../submit-form.tsx'

/** A password that was forgotten: where mail is sent, asks for a link; else says who can help. */
export function Forgot() {
  const { server } = useEntrance()
  const sendsMail = server.value.value?.email
  return (
    <div class="form">
      <h1>Forgotten password</h1>
      {sendsMail === undefined && <ResourceNote resource={server} />}
      {sendsMail === true && <AskForLink />}
      {sendsMail === false && (
        <p>This server sends no mail. Ask whoever runs it for a link; with it you choose a new password.</p>
      )}
      <p class="gate-other">
        <a href="/signin">Back to signing in</a>
      </p>
    </div>
  )
}

function AskForLink() {
  const { post } = useEntrance()
  const [asked, setAsked] = useState(false)
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    await createRecovery(post).ask(String(form.get('name')).trim())
    setAsked(true)
  })
  if (asked) {
    return (
      <p role="status">
        If there is such an account and its e-mail address is verified, a link is on its way there. It is good for 30
        minutes. If nothing comes, look among the spam, or ask whoever runs this server.
      </p>
    )
  }
  return (
    <form class="form" onSubmit={onSubmit}>
      <FormError failure={failure} />
      <Field
        label="User name or e-mail address"
        name="name"
        required
        maxLength={254}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        hint="You get a link by mail and choose a new password with it."
      />
      <SubmitButton busy={busy}>Send the link</SubmitButton>
    </form>
  )
}
