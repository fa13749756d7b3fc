import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useId } from 'preact/hooks'
import { createResource } from '../state/resource.ts'
import { Icon } from '../ui/icon.tsx'
import { useConstant } from '../ui/use-constant.ts'

const WAIT_MS = 250

type Props<Item> = {
  /** Of the field. */
  label: string
  placeholder: string
  /** Of the list. */
  name: string
  ask: (text: string) => Promise<Item[]>
  keyOf: (item: Item) => string
  /** One row. */
  show: (item: Item) => ComponentChildren
  /** What stands there when nothing was found. */
  none: (text: string) => ComponentChildren
  /** Show nothing before something is typed. */
  askFirst?: boolean
}

/** A field, and what the server finds for it while somebody types. */
export function SearchList<Item>({ label, placeholder, name, ask, keyOf, show, none, askFirst }: Props<Item>) {
  const id = useId()
  const query = useSignal('')
  const found = useConstant(() => createResource(() => ask(query.peek().trim())))
  const text = query.value.trim()
  const asked = askFirst !== true || text !== ''
  useEffect(() => {
    if (!asked) return
    const timer = setTimeout(found.load, text === '' ? 0 : WAIT_MS)
    return () => clearTimeout(timer)
  }, [text, asked, found])
  const items = found.value.value
  return (
    <div class="form">
      <search class="field">
        <label for={id}>{label}</label>
        <div class="search">
          <Icon name="search" />
          <input
            id={id}
            class="input"
            type="search"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            placeholder={placeholder}
            value={query.value}
            onInput={(event) => {
              query.value = event.currentTarget.value
            }}
          />
        </div>
      </search>
      {asked && found.error.value !== undefined && (
        <div class="note note-error" role="alert">
          <p class="note-text">{found.error.value}</p>
          <button type="button" class="button" onClick={found.load}>
            Try again
          </button>
        </div>
      )}
      {asked && (
        <ul class="rows" aria-label={name} aria-busy={found.loading.value}>
          {items?.map((item) => (
            <li key={keyOf(item)} class="row">
              {show(item)}
            </li>
          ))}
        </ul>
      )}
      {asked && items?.length === 0 && (
        <p class="muted" role="status">
          {none(text)}
        </p>
      )}
    </div>
  )
}
