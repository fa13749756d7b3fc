import type { AdminUser } from '../../../../protocol/http/administration.ts'
import type { UserId } from '../../../../protocol/ids.ts'
import { MAX_REASON_LENGTH } from '../../../../protocol/reports.ts'
import type { Administration } from '../../state/administration.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'

const DAY_MS = 86_400_000

type Props = {
  administration: Administration
  user: UserId
  name: string
  /** The report that it answers. */
  report?: number
  onDone(user: AdminUser): void
  onClose(): void
}

/** Asks why and for how long. */
export function SuspendDialog({ administration, user, name, report, onDone, onClose }: Props) {
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    const days = Number(form.get('days'))
    onDone(
      await administration.suspend(user, {
        reason: String(form.get('reason')).trim(),
        ...(days > 0 && { until: Date.now() + days * DAY_MS }),
        ...(report !== undefined && { report }),
      }),
    )
  })
  return (
    <Dialog title={`Suspend ${name}?`} onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <FormError failure={failure} />
        <p>Sessions end, connections are closed, and tokens are refused. Messages stay.</p>
        <Field
          label="Reason"
          name="reason"
          required
          maxLength={MAX_REASON_LENGTH}
          autocomplete="off"
          hint="The account is told when it tries to sign in."
        />
        <div class="field">
          <label for="suspend-days">It ends</label>
          <select id="suspend-days" name="days" class="input">
            <option value="1">After a day</option>
            <option value="7">After a week</option>
            <option value="30">After 30 days</option>
            <option value="0">When somebody restores it</option>
          </select>
        </div>
        <div class="button-row">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button button-danger" aria-disabled={busy}>
            {busy ? 'One moment…' : 'Suspend'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
