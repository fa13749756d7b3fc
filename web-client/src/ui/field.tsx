import type { InputHTMLAttributes } from 'preact'
import { useId, useState } from 'preact/hooks'
import { Icon } from './icon.tsx'

type Known = Pick<
  InputHTMLAttributes<HTMLInputElement>,
  | 'autocapitalize'
  | 'autocomplete'
  | 'defaultValue'
  | 'inputMode'
  | 'maxLength'
  | 'minLength'
  | 'onBlur'
  | 'onInput'
  | 'pattern'
  | 'placeholder'
  | 'required'
  | 'spellcheck'
  | 'title'
  | 'value'
>
type FieldProps = Known & {
  label: string
  name: string
  hint?: string | undefined
  error?: string | undefined
}

/** A labelled line of input; its error is tied to it and said as text. */
export function Field({ label, hint, error, ...input }: FieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...input}
        id={id}
        type="text"
        class="input"
        aria-invalid={error !== undefined}
        aria-describedby={describedBy(id, hint, error)}
      />
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  )
}

/** A password that can be looked at; password managers and paste work. */
export function PasswordField({ label, hint, error, ...input }: FieldProps) {
  const id = useId()
  const [shown, setShown] = useState(false)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="input-row">
        <input
          {...input}
          id={id}
          class="input"
          type={(shown ? 'text' : 'password') as 'text'}
          autocapitalize="none"
          spellcheck={false}
          aria-invalid={error !== undefined}
          aria-describedby={describedBy(id, hint, error)}
        />
        <button type="button" class="button" aria-pressed={shown} onClick={() => setShown(!shown)}>
          {shown ? 'Hide' : 'Show'}
          <span class="visually-hidden"> password</span>
        </button>
      </div>
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  )
}

function describedBy(id: string, hint: string | undefined, error: string | undefined): string | undefined {
  return [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
}

export function FieldNotes({ id, hint, error }: { id: string; hint: string | undefined; error: string | undefined }) {
  return (
    <>
      {hint && (
        <p id={`${id}-hint`} class="field-hint">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} class="field-error">
          <Icon name="alert" small />
          {error}
        </p>
      )}
    </>
  )
}
