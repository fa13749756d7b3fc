import { useState } from 'preact/hooks'
import type { AdminUser } from '../../../../protocol/http/administration.ts'
import type { ServerRole } from '../../../../protocol/server-role.ts'
import type { Administration } from '../../state/administration.ts'
import { failureText } from '../../state/failure.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { shortDate } from '../../ui/times.ts'
import { useApp } from '../app-context.tsx'
import { SuspendDialog } from './suspend-dialog.tsx'

const ROLES = [
  ['none', 'None'],
  ['moderator', 'Moderator'],
  ['owner', 'Owner'],
] as const

type Props = {
  user: AdminUser
  role: ServerRole
  administration: Administration
  onChange(next: AdminUser): void
  onClose(): void
}

/** One account, and what can be done about it. */
export function UserDialog({ user, role, administration, onChange, onClose }: Props) {
  const { me } = useApp()
  const [suspending, setSuspending] = useState(false)
  const [said, setSaid] = useState('')
  const isMe = user.id === me.value?.id
  const mayRule = role === 'owner' || user.role === undefined
  async function act(work: () => Promise<AdminUser>, done: string): Promise<void> {
    try {
      onChange(await work())
      setSaid(done)
    } catch (error) {
      setSaid(failureText(error))
    }
  }
  if (suspending) {
    return (
      <SuspendDialog
        administration={administration}
        user={user.id}
        name={user.displayName}
        onClose={() => setSuspending(false)}
        onDone={(next) => {
          onChange(next)
          setSuspending(false)
          setSaid('The account is suspended.')
        }}
      />
    )
  }

  return (
    <Dialog title={user.displayName} onClose={onClose}>
      <div class="form">
        <dl class="facts">
          <dt>User name</dt>
          <dd>{user.id}</dd>
          <dt>Since</dt>
          <dd>{shortDate(user.createdAt)}</dd>
          <dt>Last seen</dt>
          <dd>{user.lastSeenAt === undefined ? 'Never' : shortDate(user.lastSeenAt)}</dd>
          <dt>Sessions</dt>
          <dd>{user.sessions}</dd>
          <dt>Second factor</dt>
          <dd>{user.secondFactor ? 'Yes' : 'No'}</dd>
          {user.suspension && (
            <>
              <dt>Suspended</dt>
              <dd dir="auto">
                {user.suspension.reason} (
                {user.suspension.until === undefined ? 'without an end' : `until ${shortDate(user.suspension.until)}`})
              </dd>
            </>
          )}
        </dl>
        {role === 'owner' && (
          <form
            class="field"
            onSubmit={(event) => {
              event.preventDefault()
              const value = new FormData(event.currentTarget).get('role')
              const next = value === 'owner' || value === 'moderator' ? value : null
              void act(() => administration.setRole(user.id, next), 'The role was changed.')
            }}
          >
            <label for="server-role">Role on the server</label>
            <div class="input-row">
              <select id="server-role" name="role" class="input">
                {ROLES.map(([value, name]) => (
                  <option key={value} value={value} selected={value === (user.role ?? 'none')}>
                    {name}
                  </option>
                ))}
              </select>
              <button type="submit" class="button">
                Change<span class="visually-hidden"> role</span>
              </button>
            </div>
          </form>
        )}
        <p class="muted" role="status">
          {said}
        </p>
        <div class="button-row">
          {mayRule && user.sessions > 0 && (
            <button
              type="button"
              class="button"
              onClick={() => act(() => administration.endSessions(user.id), 'Every session has ended.')}
            >
              End all sessions
            </button>
          )}
          {role === 'owner' && user.secondFactor && (
            <button
              type="button"
              class="button"
              onClick={() => act(() => administration.removeSecondFactor(user.id), 'The second factor is gone.')}
            >
              Remove second factor
            </button>
          )}
          {mayRule && !isMe && !user.suspension && (
            <button type="button" class="button button-danger" onClick={() => setSuspending(true)}>
              Suspend
            </button>
          )}
          {mayRule && user.suspension && (
            <button
              type="button"
              class="button"
              onClick={() => act(() => administration.restore(user.id), 'The account is restored.')}
            >
              Restore
            </button>
          )}
          <button type="button" class="button" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  )
}
