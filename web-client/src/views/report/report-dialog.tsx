import { MAX_REPORT_TEXT_LENGTH, REPORT_REASONS } from '../../../../protocol/reports.ts'
import { REASON_NAMES, type ReportTarget } from '../../state/administration.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { useApp } from '../app-context.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'

/** Tells those who run the server about a message or a person. */
export function ReportDialog({ target }: { target: ReportTarget }) {
  const { client, notices, reporting } = useApp()
  const close = (): void => {
    reporting.value = undefined
  }
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    const text = String(form.get('text')).trim()
    const about = 'user' in target ? { user: target.user } : { room: target.room, seq: target.seq }
    await client.call('POST', '/reports', { ...about, reason: form.get('reason'), ...(text !== '' && { text }) })
    close()
    notices.show('Thank you. Those who run this server will look at it.')
  })
  return (
    <Dialog title={'user' in target ? `Report @${target.user}` : 'Report this message'} onClose={close}>
      <form class="form" onSubmit={onSubmit}>
        <FormError failure={failure} />
        {'text' in target && (
          <blockquote class="report-text" dir="auto">
            {target.text}
          </blockquote>
        )}
        <p>
          {'user' in target
            ? 'Those who run this server see who you are, and what you write here.'
            : 'Those who run this server see who you are, and a copy of this one message.'}
        </p>
        <fieldset class="choice">
          <legend>What is wrong with it?</legend>
          {REPORT_REASONS.map((reason) => (
            <label key={reason} class="choice-option">
              <input type="radio" name="reason" value={reason} required />
              <span class="choice-name">{REASON_NAMES[reason]}</span>
            </label>
          ))}
        </fieldset>
        <Field label="Anything else (optional)" name="text" maxLength={MAX_REPORT_TEXT_LENGTH} autocomplete="off" />
        <div class="button-row">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button button-primary" aria-disabled={busy}>
            {busy ? 'One moment…' : 'Send report'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
