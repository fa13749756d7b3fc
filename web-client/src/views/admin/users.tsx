import { useSignal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import type { AdminUser } from '../../../../protocol/http/administration.ts'
import type { UserId } from '../../../../protocol/ids.ts'
import type { ServerRole } from '../../../../protocol/server-role.ts'
import type { Administration } from '../../state/administration.ts'
import { createPages } from '../../state/pages.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { shortDate } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { SectionTitle } from '../section-title.tsx'
import { ChoiceField, SearchField } from './filter-field.tsx'
import { PagesNote } from './pages-note.tsx'
import { UserDialog } from './user-dialog.tsx'

const WAIT_MS = 250
const FILTERS = [
  ['all', 'Everybody'],
  ['roles', 'Those with a role'],
  ['suspended', 'Suspended'],
] as const
type Filter = (typeof FILTERS)[number][0]

/** Everybody with an account here. */
export function Users({ administration, role }: { administration: Administration; role: ServerRole }) {
  const query = useSignal('')
  const filter = useSignal<Filter>('all')
  const [open, setOpen] = useState<UserId | undefined>(undefined)
  const users = useConstant(() =>
    createPages<AdminUser>((last) => {
      const only = filter.peek()
      return administration.users({
        q: query.peek().trim(),
        only: only === 'all' ? undefined : only,
        after: last?.id,
      })
    }),
  )
  const text = query.value.trim()
  const only = filter.value
  useEffect(() => {
    const timer = setTimeout(users.load, text === '' ? 0 : WAIT_MS)
    return () => clearTimeout(timer)
  }, [text, only, users])
  const shown = users.items.value?.find(({ id }) => id === open)

  return (
    <section class="section" aria-labelledby="users-title">
      <SectionTitle id="users-title">People</SectionTitle>
      <SearchField
        label="Find somebody"
        placeholder="Beginning of a name"
        value={query.value}
        onText={(value) => {
          query.value = value
        }}
      />
      <ChoiceField
        label="Show"
        value={only}
        options={FILTERS}
        onChoice={(value) => {
          filter.value = value
        }}
      />
      <ul class="rows" aria-label="People" aria-busy={users.loading.value}>
        {users.items.value?.map((user) => (
          <li key={user.id} class="row">
            <Avatar id={user.id} name={user.displayName} />
            <div class="row-main">
              <div class="row-title" dir="auto">
                {user.displayName} <span class="muted">@{user.id}</span>
              </div>
              <div class="row-line">{describe(user)}</div>
            </div>
            <button type="button" class="button" onClick={() => setOpen(user.id)}>
              Manage<span class="visually-hidden"> {user.displayName}</span>
            </button>
          </li>
        ))}
      </ul>
      <PagesNote pages={users} none="Nobody matches." />
      {shown && (
        <UserDialog
          user={shown}
          role={role}
          administration={administration}
          onChange={(next) => users.replace(({ id }) => id === next.id, next)}
          onClose={() => setOpen(undefined)}
        />
      )}
    </section>
  )
}

function describe({ role, suspension, sessions, lastSeenAt, createdAt }: AdminUser): string {
  return [
    ...(suspension ? [suspension.until ? `Suspended until ${shortDate(suspension.until)}` : 'Suspended'] : []),
    ...(role ? [role === 'owner' ? 'Owner of the server' : 'Moderator'] : []),
    sessions === 1 ? '1 session' : `${sessions} sessions`,
    lastSeenAt === undefined ? 'never seen' : `last seen ${shortDate(lastSeenAt)}`,
    `since ${shortDate(createdAt)}`,
  ].join(' · ')
}
