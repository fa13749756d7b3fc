import { useId } from 'preact/hooks'

type Props = { label: string; name: string; options: readonly { value: string; name: string }[] }

/** A labelled choice of one out of a few; the first is the usual one. */
export function Select({ label, name, options }: Props) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} name={name} class="input">
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.name}
          </option>
        ))}
      </select>
    </div>
  )
}
