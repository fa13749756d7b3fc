import { useState } from 'preact/hooks'
import { MAX_NAME_LENGTH } from '../../../../protocol/limits.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useApp } from '../app-context.tsx'
import { SectionTitle } from '../section-title.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'

/** Who I am here, and the way out. */
export function Profile() {
  const { me } = useApp()
  const user = me.value
  if (!user) return null
  return (
    <>
      <section class="section" aria-labelledby="name-title">
        <div class="row">
          <Avatar id={user.id} name={user.displayName} />
          <div class="row-main">
            <SectionTitle id="name-title" class="row-title">
              {user.displayName}
            </SectionTitle>
            <div class="row-line">@{user.id}</div>
          </div>
        </div>
        <NameForm name={user.displayName} />
      </section>
      <SignOut />
    </>
  )
}

function NameForm({ name }: { name: string }) {
  const { client, notices } = useApp()
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    await client.updateMe({ displayName: String(form.get('displayName')).trim() })
    notices.show('Saved')
  })
  return (
    <form class="form" onSubmit={onSubmit}>
      <FormError failure={failure} />
      <Field
        label="Your name"
        name="displayName"
        required
        maxLength={MAX_NAME_LENGTH}
        autocomplete="name"
        defaultValue={name}
      />
      <div class="button-row">
        <button type="submit" class="button" aria-disabled={busy}>
          Save name
        </button>
      </div>
    </form>
  )
}

function SignOut() {
  const app = useApp()
  const [asking, setAsking] = useState(false)
  const unsent = app.unsent()
  return (
    <section class="section" aria-label="Sign out">
      <div class="button-row">
        <button
          type="button"
          class="button button-danger"
          onClick={() => (app.unsent() > 0 ? setAsking(true) : app.signOut())}
        >
          <Icon name="leave" />
          Sign out
        </button>
      </div>
      {asking && (
        <Dialog title="Sign out now?" onClose={() => setAsking(false)}>
          <p>{unsent === 1 ? 'One message has' : `${unsent} messages have`} not been sent yet and will be lost.</p>
          <div class="button-row">
            <button type="button" class="button" onClick={() => setAsking(false)}>
              Stay
            </button>
            <button type="button" class="button button-danger" onClick={() => app.signOut()}>
              Sign out
            </button>
          </div>
        </Dialog>
      )}
    </section>
  )
}
