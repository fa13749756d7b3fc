import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ErrorCode } from '../../../protocol/errors.ts'
import { failureCode, failureText } from '../state/failure.ts'
import { Icon } from '../ui/icon.tsx'

export type Failure = { code: ErrorCode; text: string }

/** The work of a form: once at a time, with what went wrong. `run` does something else in its place. */
export function useSubmit(work: (form: FormData) => Promise<void>) {
  const [failure, setFailure] = useState<Failure | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    run(() => work(form))
  }
  const run = (other: () => Promise<void>): void => {
    if (busy) return
    setBusy(true)
    setFailure(undefined)
    other()
      .catch((error: unknown) => setFailure({ code: failureCode(error), text: failureText(error) }))
      .finally(() => setBusy(false))
  }
  return { failure, busy, onSubmit, run }
}

/** What went wrong, at the head of the form; takes the focus so that it is heard ([U4]). */
export function FormError({ failure }: { failure: Failure | undefined }) {
  const note = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (failure) note.current?.focus()
  }, [failure])
  if (!failure) return null
  return (
    <div ref={note} class="note note-error" role="alert" tabIndex={-1}>
      <Icon name="alert" />
      <p class="note-text">{failure.text}</p>
    </div>
  )
}

/** The one button that sends a form; never disabled, it says what it is doing. */
export function SubmitButton({ busy, children }: { busy: boolean; children: ComponentChildren }) {
  return (
    <button type="submit" class="button button-primary button-wide" aria-disabled={busy}>
      {busy ? 'One moment…' : children}
    </button>
  )
}
