import type { User } from '../state/client-types.ts'
import { Avatar } from '../ui/avatar.tsx'
import { useApp } from './app-context.tsx'
import { SearchList } from './search-list.tsx'

type Props = {
  label: string
  /** What choosing somebody does, as the name of a button. */
  action: string
  onChoose: (user: User) => Promise<void>
  /** Why somebody cannot be chosen. */
  note?: (user: User) => string | undefined
  /** Show nobody before something is typed. */
  askFirst?: boolean
  /** Who is shown before something is typed, if there is anybody. */
  known?: () => Promise<User[]>
}

/** The directory of users, searched while typing. */
export function UserSearch({ label, action, onChoose, note, askFirst = false, known }: Props) {
  const { client, me } = useApp()
  async function find(text: string): Promise<User[]> {
    const first = text === '' ? await known?.() : undefined
    const people = first && first.length > 0 ? first : await client.searchUsers(text)
    return people.filter((user) => user.id !== me.peek()?.id)
  }
  return (
    <SearchList
      label={label}
      placeholder="Name or user name"
      name="People"
      ask={find}
      askFirst={askFirst}
      keyOf={(user) => user.id}
      none={(text) => (text === '' ? 'Nobody else is here yet.' : `Nobody is called “${text}”.`)}
      show={(user) => {
        const why = note?.(user)
        return (
          <>
            <Avatar id={user.id} name={user.displayName} picture={user.avatar} />
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
          </>
        )
      }}
    />
  )
}
