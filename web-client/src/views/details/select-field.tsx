import { useId } from 'preact/hooks'

/** One of a few, with its label; the options are pairs of value and name. */
export function SelectField({
  label,
  name,
  options,
  value,
  hint,
  onChoose,
}: {
  label: string
  name: string
  options: readonly (readonly [value: string, name: string])[]
  value?: string
  hint?: string
  onChoose?: (value: string) => void
}) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        name={name}
        class="input"
        aria-describedby={hint && `${id}-hint`}
        {...(onChoose && { onChange: (event) => onChoose(event.currentTarget.value) })}
      >
        {options.map(([key, text]) => (
          <option key={key} value={key} selected={key === value}>
            {text}
          </option>
        ))}
      </select>
      {hint && (
        <p id={`${id}-hint`} class="field-hint">
          {hint}
        </p>
      )}
    </div>
  )
}
