import { MAX_NAME_LENGTH, MAX_TOPIC_LINE_LENGTH } from '../../../../protocol/limits.ts'
import { roomPath } from '../../state/routes.ts'
import { Field } from '../../ui/field.tsx'
import { useApp } from '../app-context.tsx'
import { FormError, SubmitButton, useSubmit } from '../submit-form.tsx'

/** Makes a public or private room. */
export function CreateRoom() {
  const { client, navigation } = useApp()
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    const id = String(form.get('id')).trim()
    const topicLine = String(form.get('topicLine')).trim()
    const room = await client.createRoom({
      name: String(form.get('name')).trim(),
      kind: form.get('kind') === 'public' ? 'public' : 'private',
      ...(id !== '' && { id }),
      ...(topicLine !== '' && { topicLine }),
    })
    navigation.redirect(roomPath(room))
  })
  const idTaken = failure?.code === 'room_exists'
  return (
    <form class="form" onSubmit={onSubmit}>
      {!idTaken && <FormError failure={failure} />}
      <Field label="Name" name="name" required maxLength={MAX_NAME_LENGTH} autocomplete="off" />
      <Field
        label="Topic"
        name="topicLine"
        maxLength={MAX_TOPIC_LINE_LENGTH}
        autocomplete="off"
        hint="What it is about. Optional."
      />
      <fieldset class="choice">
        <legend class="label">Who may join?</legend>
        <label class="choice-option">
          <input type="radio" name="kind" value="private" defaultChecked />
          <span>
            <span class="choice-name">Private</span>
            <span class="choice-hint">Only people who were added can see and read it.</span>
          </span>
        </label>
        <label class="choice-option">
          <input type="radio" name="kind" value="public" />
          <span>
            <span class="choice-name">Public</span>
            <span class="choice-hint">Everybody with an account here can find, read and join it.</span>
          </span>
        </label>
      </fieldset>
      <Field
        label="Address"
        name="id"
        maxLength={40}
        pattern="[a-z0-9][a-z0-9\-]*"
        title="a to z, 0 to 9 and -"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        hint="For MQTT topics, such as rooms/ops/send. Optional; it cannot be changed later."
        error={idTaken ? failure?.text : undefined}
      />
      <SubmitButton busy={busy}>Make the room</SubmitButton>
    </form>
  )
}
