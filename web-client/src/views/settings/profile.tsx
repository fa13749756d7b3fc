import { useEffect, useState } from 'preact/hooks'
import { MAX_ABOUT_LENGTH, MAX_NAME_LENGTH, MAX_STATUS_LENGTH } from '../../../../protocol/limits.ts'
import { type Me, peopleOf } from '../../state/people-calls.ts'
import { createResource } from '../../state/resource.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'
import { AvatarField } from './avatar-field.tsx'

/** Who I am here, and the way out. */
export function Profile() {
  const { client, me } = useApp()
  const profile = useConstant(() => createResource(() => peopleOf(client).me()))
  useEffect(() => {
    void profile.load()
  }, [profile])
  const user = me.value
  if (!user) return null
  return (
    <>
      <AvatarField user={user} />
      <section class="section" aria-label="What others see of me">
        <ResourceNote resource={profile} />
        {profile.value.value && <ProfileForm me={profile.value.value} />}
      </section>
      <SignOut />
    </>
  )
}

function ProfileForm({ me }: { me: Me }) {
  const { client, notices, snapshot } = useApp()
  const presence = snapshot.value.users.get(me.id)?.presence
  const status = presence !== undefined && 'text' in presence ? (presence.text ?? '') : ''
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones = new Set([...(me.timeZone ? [me.timeZone] : []), here, ...Intl.supportedValuesOf('timeZone')])
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    const [displayName, about, timeZone] = ['displayName', 'about', 'timeZone'].map((name) =>
      String(form.get(name)).trim(),
    ) as [string, string, string]
    await peopleOf(client).change({ about, timeZone })
    await client.updateMe({ displayName })
    const text = String(form.get('status')).trim()
    if (text !== status) client.setStatus({ state: presence?.state === 'busy' ? 'busy' : 'online', text })
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
        defaultValue={me.displayName}
      />
      <Field
        label="About you"
        name="about"
        maxLength={MAX_ABOUT_LENGTH}
        autocomplete="off"
        hint="One line, for everybody here. Optional."
        defaultValue={me.about ?? ''}
      />
      <Field
        label="Status"
        name="status"
        maxLength={MAX_STATUS_LENGTH}
        autocomplete="off"
        hint="What you are doing, shown while you are here. Optional."
        defaultValue={status}
      />
      <div class="field">
        <label for="time-zone">Time zone</label>
        <select id="time-zone" name="timeZone" class="input" aria-describedby="time-zone-hint">
          <option value="" selected={me.timeZone === undefined}>
            Not shown
          </option>
          {[...zones].map((zone) => (
            <option key={zone} value={zone} selected={zone === me.timeZone}>
              {zone.replaceAll('_', ' ')}
              {zone === here && ' (this device)'}
            </option>
          ))}
        </select>
        <p id="time-zone-hint" class="field-hint">
          Others see what time it is where you are.
        </p>
      </div>
      <div class="button-row">
        <button type="submit" class="button" aria-disabled={busy}>
          Save
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
