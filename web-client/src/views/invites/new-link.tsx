import type { RoomId } from '../../../../protocol/ids.ts'
import { useApp } from '../app-context.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'
import { Select } from './select.tsx'
import { useInvites } from './use-invites.ts'

const HOUR = 3600
const DAY = 24 * HOUR
const ENDS = [
  { value: `${7 * DAY}`, name: 'After 7 days' },
  { value: `${HOUR}`, name: 'After an hour' },
  { value: `${DAY}`, name: 'After a day' },
  { value: `${30 * DAY}`, name: 'After 30 days' },
  { value: '0', name: 'When it is revoked' },
]
const USES = [
  { value: '0', name: 'Anyone who has it' },
  { value: '1', name: 'One person' },
  { value: '10', name: 'Up to 10 people' },
  { value: '100', name: 'Up to 100 people' },
]
const ROLES = [
  { value: 'member', name: 'Read and write' },
  { value: 'reader', name: 'Only read' },
]

type Props = { room: RoomId; onMade: () => Promise<void>; onClose: () => void }

/** How long a new link works, for how many, and what they may do. */
export function NewLink({ room, onMade, onClose }: Props) {
  const { notices } = useApp()
  const invites = useInvites()
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    const [expiresIn, uses] = [Number(form.get('ends')), Number(form.get('uses'))]
    await invites.createLink(room, {
      role: form.get('role') === 'reader' ? 'reader' : 'member',
      ...(expiresIn > 0 && { expiresIn }),
      ...(uses > 0 && { uses }),
    })
    notices.show('The link is ready to be copied')
    await onMade()
  })
  return (
    <form class="form" onSubmit={onSubmit}>
      <FormError failure={failure} />
      <Select label="It ends" name="ends" options={ENDS} />
      <Select label="It lets in" name="uses" options={USES} />
      <Select label="They may" name="role" options={ROLES} />
      <div class="button-row">
        <button type="submit" class="button button-primary" aria-disabled={busy}>
          {busy ? 'One moment…' : 'Make the link'}
        </button>
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  )
}
