import type { UserId } from '../../../../protocol/ids.ts'
import { MAX_REASON_LENGTH } from '../../../../protocol/limits.ts'
import type { RoomSummary } from '../../state/client-types.ts'
import { moderationOf, type Restriction } from '../../state/moderation-calls.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { useApp } from '../app-context.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'
import { SelectField } from './select-field.tsx'

export type Question = { kind: 'mute' | 'remove' | 'ban' | 'transfer'; user: UserId }

const MINUTE = 60_000
const MUTES = [
  ['600000', '10 minutes'],
  ['3600000', '1 hour'],
  ['86400000', '1 day'],
  ['', 'Until I lift it'],
] as const
const BANS = [
  ['3600000', '1 hour'],
  ['86400000', '1 day'],
  ['604800000', '1 week'],
  ['2592000000', '30 days'],
  ['', 'Without end'],
] as const

type Words = {
  title: string
  text: string
  action: string
  done: string
  times?: readonly (readonly [string, string])[]
}

function wordsFor(kind: Question['kind'], name: string, room: string): Words {
  switch (kind) {
    case 'mute':
      return {
        title: `Mute ${name}?`,
        text: 'Muted members can read along, and neither write nor react.',
        action: 'Mute',
        done: `${name} is muted`,
        times: MUTES,
      }
    case 'remove':
      return {
        title: `Remove ${name}?`,
        text: `${name} hears nothing more of ${room}, and can come back like anybody else.`,
        action: 'Remove',
        done: `${name} was removed`,
      }
    case 'ban':
      return {
        title: `Ban ${name}?`,
        text: `${name} is removed, and can neither read ${room} nor come back until the ban is over.`,
        action: 'Ban',
        done: `${name} is banned`,
        times: BANS,
      }
    case 'transfer':
      return {
        title: `Hand ${room} over to ${name}?`,
        text: `${name} will own the room, and you will be an admin of it. Only ${name} can give it back.`,
        action: 'Hand over',
        done: `${name} owns the room now`,
      }
  }
}

/** Asks once more before something is done to a member, for how long, and why. */
export function ModerateDialog({
  question: { kind, user },
  room,
  name,
  onClose,
}: {
  question: Question
  room: RoomSummary
  name: string
  onClose: () => void
}) {
  const { client, notices } = useApp()
  const words = wordsFor(kind, name, room.name)
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    const how = restriction(form)
    const calls = moderationOf(client, room.room)
    if (kind === 'mute') await calls.mute(user, how)
    else if (kind === 'ban') await calls.ban(user, how)
    else if (kind === 'remove') await calls.remove(user, how.reason)
    else await calls.transfer(user)
    notices.show(words.done)
    onClose()
  })
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <p>{words.text}</p>
        <FormError failure={failure} />
        {words.times && <SelectField label="For how long" name="time" options={words.times} />}
        {kind !== 'transfer' && (
          <Field
            label="Reason (optional)"
            name="reason"
            maxLength={MAX_REASON_LENGTH}
            hint={`${name} and everybody in the room can read it.`}
          />
        )}
        <div class="button-row">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button button-danger" aria-disabled={busy}>
            {busy ? 'One moment…' : words.action}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function restriction(form: FormData): Restriction {
  const time = Number(form.get('time') ?? 0)
  const reason = String(form.get('reason') ?? '').trim()
  return { ...(time >= MINUTE && { until: Date.now() + time }), ...(reason !== '' && { reason }) }
}
