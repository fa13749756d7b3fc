import { useSignal } from '@preact/signals'
import { useEffect, useId } from 'preact/hooks'
import type { User } from '../state/client-types.ts'
import { createResource } from '../state/resource.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Icon } from '../ui/icon.tsx'
import { useConstant } from '../ui/use-constant.ts'
import { useApp } from './app-context.tsx'

const WAIT_MS = 250

type Props = {
  label: string
  /** What choosing somebody does, as the name of a button. */
  action: string
  onChoose: (user: User) => Promise<void>
  /** Why somebody cannot be chosen. */
  note?: (user: User) => string | undefined
  /** Show nobody before something is typed. */
  askFirst?: boolean
}

/** The directory of users, searched while typing. */
export function UserSearch({ label, action, onChoose, note, askFirst = false }: Props) {
  const { client, me } = useApp()
  const id = useId()
  const query = useSignal('')
  const found = useConstant(() => createResource(() => client.searchUsers(query.peek())))
  const text = query.value.trim()
  const asked = !askFirst || text !== ''
  useEffect(() => {
    if (!asked) return
    const timer = setTimeout(found.load, text === '' ? 0 : WAIT_MS)
    return () => clearTimeout(timer)
  }, [text, asked, found])

  const people = (found.value.value ?? []).filter((user) => user.id !== me.value?.id)
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
            placeholder="Name or user name"
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
        <ul class="rows" aria-label="People" aria-busy={found.loading.value}>
          {people.map((user) => {
            const why = note?.(user)
            return (
              <li key={user.id} class="row">
                <Avatar id={user.id} name={user.displayName} />
                <div class="row-main">
                  <div class="row-title" dir="auto">
                    {user.displayName}
                  </div>
                  <div class="row-line">@{user.id}</div>
                </div>
                {why === undefined ? (
                  <button type="button" class="button" onClick={() => onChoose(user)}>
                    {action}
                    <span class="visually-hidden"> {user.displayName}</span>
                  </button>
                ) : (
                  <span class="muted small">{why}</span>
                )}
              </li>
            )
          })}
        </ul>
      )}
      {asked && found.value.value && people.length === 0 && (
        <p class="muted" role="status">
          {text === '' ? 'Nobody else is here yet.' : `Nobody is called “${text}”.`}
        </p>
      )}
    </div>
  )
}
