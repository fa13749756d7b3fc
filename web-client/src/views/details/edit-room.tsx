import { useState } from 'preact/hooks'
import { MAX_NAME_LENGTH, MAX_TOPIC_LINE_LENGTH } from '../../../../protocol/limits.ts'
import type { RoomSummary } from '../../state/client-types.ts'
import { Field } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useApp } from '../app-context.tsx'
import { FormError, SubmitButton, useSubmit } from '../submit-form.tsx'

/** Name and topic, for those who may change them. */
export function EditRoom({ summary }: { summary: RoomSummary }) {
  const { client, notices } = useApp()
  const [open, setOpen] = useState(false)
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    const name = String(form.get('name')).trim()
    const topicLine = String(form.get('topicLine')).trim()
    const changes = {
      ...(name !== summary.name && { name }),
      ...(topicLine !== summary.topicLine && { topicLine }),
    }
    if (Object.keys(changes).length > 0) {
      await client.updateRoom(summary.room, changes)
      notices.show('Saved')
    }
    setOpen(false)
  })
  if (!open) {
    return (
      <section class="section" aria-label="Room">
        <div class="button-row">
          <button type="button" class="button" onClick={() => setOpen(true)}>
            <Icon name="pencil" />
            Edit name and topic
          </button>
        </div>
      </section>
    )
  }
  return (
    <section class="section" aria-label="Room">
      <form class="form" onSubmit={onSubmit}>
        <FormError failure={failure} />
        <Field label="Name" name="name" required maxLength={MAX_NAME_LENGTH} defaultValue={summary.name} />
        <Field label="Topic" name="topicLine" maxLength={MAX_TOPIC_LINE_LENGTH} defaultValue={summary.topicLine} />
        <SubmitButton busy={busy}>Save</SubmitButton>
        <button type="button" class="button" onClick={() => setOpen(false)}>
          Cancel
        </button>
      </form>
    </section>
  )
}
