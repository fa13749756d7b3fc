import { useId } from 'preact/hooks'
import { Icon } from '../../ui/icon.tsx'

/** A search line above a list. */
export function SearchField(props: { label: string; value: string; placeholder: string; onText(text: string): void }) {
  const id = useId()
  return (
    <search class="field">
      <label for={id}>{props.label}</label>
      <div class="search">
        <Icon name="search" />
        <input
          id={id}
          class="input"
          type="search"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder={props.placeholder}
          value={props.value}
          onInput={(event) => props.onText(event.currentTarget.value)}
        />
      </div>
    </search>
  )
}

/** One of several, above a list. */
export function ChoiceField<Value extends string>(props: {
  label: string
  value: Value
  options: readonly (readonly [Value, string])[]
  onChoice(value: Value): void
}) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        class="input"
        value={props.value}
        onChange={(event) => props.onChoice(event.currentTarget.value as Value)}
      >
        {props.options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  )
}
