import { useState } from 'preact/hooks'
import type { Report } from '../../../../protocol/http/administration.ts'
import { MAX_REPORT_TEXT_LENGTH } from '../../../../protocol/reports.ts'
import { type Administration, REASON_NAMES } from '../../state/administration.ts'
import { failureText } from '../../state/failure.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { momentName } from '../../ui/times.ts'
import { useApp } from '../app-context.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'
import { SuspendDialog } from './suspend-dialog.tsx'

type Props = { report: Report; administration: Administration; onChange(next: Report): void }

/** One report, with the message as it stood, and what can be done about it. */
export function ReportCard({ report, administration, onChange }: Props) {
  const { me, notices } = useApp()
  const [asking, setAsking] = useState<'remove' | 'suspend' | 'note' | undefined>(undefined)
  const { id, message, subject, subjectName } = report
  const now = Date.now()
  async function act(work: () => Promise<Report>, said: string): Promise<void> {
    setAsking(undefined)
    try {
      onChange(await work())
      notices.show(said)
    } catch (error) {
      notices.show(failureText(error))
    }
  }
  const close = (state: 'handled' | 'dismissed') => () =>
    act(() => administration.updateReport(id, { state }), state === 'handled' ? 'Closed as handled' : 'Dismissed')

  return (
    <article class="report" aria-labelledby={`report-${id}`}>
      <div class="section-head">
        <div class="row-title" id={`report-${id}`} dir="auto">
          {subjectName} <span class="muted">@{subject}</span>
        </div>
        <span class="tag">{report.state === 'open' ? REASON_NAMES[report.reason] : report.state}</span>
      </div>
      {message && (
        <blockquote class="report-text" dir="auto">
          {message.text}
        </blockquote>
      )}
      {report.text && (
        <p dir="auto">
          <span class="muted">The reporter says: </span>
          {report.text}
        </p>
      )}
      {report.note && (
        <p dir="auto">
          <span class="muted">Note: </span>
          {report.note}
        </p>
      )}
      <p class="row-line">{describe(report, now)}</p>
      <div class="button-row">
        {message && !report.removed && (
          <button type="button" class="button button-danger" onClick={() => setAsking('remove')}>
            Remove message
          </button>
        )}
        {report.state === 'open' && subject !== me.value?.id && (
          <button type="button" class="button button-danger" onClick={() => setAsking('suspend')}>
            {message ? 'Suspend author' : 'Suspend'}
          </button>
        )}
        {report.state === 'open' && (
          <>
            <button type="button" class="button" onClick={close('handled')}>
              Handled
            </button>
            <button type="button" class="button" onClick={close('dismissed')}>
              Dismiss
            </button>
          </>
        )}
        <button type="button" class="button" onClick={() => setAsking('note')}>
          Note
        </button>
      </div>
      {asking === 'remove' && (
        <Dialog title="Remove this message?" onClose={() => setAsking(undefined)}>
          <p>It is gone for everybody in the room. The event says that you removed it as a moderator of the server.</p>
          <div class="button-row">
            <button type="button" class="button" onClick={() => setAsking(undefined)}>
              Cancel
            </button>
            <button
              type="button"
              class="button button-danger"
              onClick={() => act(() => administration.removeMessage(id), 'The message was removed')}
            >
              Remove message
            </button>
          </div>
        </Dialog>
      )}
      {asking === 'suspend' && (
        <SuspendDialog
          administration={administration}
          user={subject}
          name={subjectName}
          report={id}
          onClose={() => setAsking(undefined)}
          onDone={() => {
            setAsking(undefined)
            onChange({ ...report, state: 'handled' })
            notices.show(`${subjectName} is suspended`)
          }}
        />
      )}
      {asking === 'note' && (
        <NoteDialog
          report={report}
          onClose={() => setAsking(undefined)}
          onSave={async (note) => {
            onChange(await administration.updateReport(id, { note }))
            setAsking(undefined)
          }}
        />
      )}
    </article>
  )
}

function NoteDialog(props: { report: Report; onSave(note: string): Promise<void>; onClose(): void }) {
  const { failure, busy, onSubmit } = useSubmit((form) => props.onSave(String(form.get('note')).trim()))
  return (
    <Dialog title="Note" onClose={props.onClose}>
      <form class="form" onSubmit={onSubmit}>
        <FormError failure={failure} />
        <Field
          label="For those who run the server"
          name="note"
          required
          maxLength={MAX_REPORT_TEXT_LENGTH}
          autocomplete="off"
          defaultValue={props.report.note ?? ''}
        />
        <div class="button-row">
          <button type="button" class="button" onClick={props.onClose}>
            Cancel
          </button>
          <button type="submit" class="button button-primary" aria-disabled={busy}>
            Save note
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function describe(report: Report, now: number): string {
  return [
    ...(report.state === 'open' ? [] : [REASON_NAMES[report.reason]]),
    `Reported ${momentName(report.at, now)} by ${report.reporter === undefined ? 'somebody who is gone' : `@${report.reporter}`}`,
    ...(report.room === undefined ? [] : [`room ${report.room}`]),
    ...(report.message?.files === undefined ? [] : [`${report.message.files} files`]),
    ...(report.removed ? ['message removed'] : []),
    ...(report.closedAt === undefined ? [] : [`closed ${momentName(report.closedAt, now)}`]),
    ...(report.closedBy === undefined ? [] : [`by @${report.closedBy}`]),
  ].join(' · ')
}
