import { useEffect, useState } from 'preact/hooks'
import type { SessionInfo } from '../../../../protocol/http.ts'
import { createAccount } from '../../state/account.ts'
import { failureText } from '../../state/failure.ts'
import { createResource } from '../../state/resource.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { momentName, shortDate } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'
import { connectedText } from './transport-text.ts'

/** Where I am signed in. */
export function Sessions() {
  const { client, notices, snapshot } = useApp()
  const account = useConstant(() => createAccount(client))
  const sessions = useConstant(() => createResource(() => account.listSessions()))
  const [asking, setAsking] = useState(false)
  const online = snapshot.value.connection.kind === 'online'
  // Once more when this one is connected, which the list says.
  useEffect(() => {
    sessions.load()
  }, [sessions, online])
  async function end(id: string): Promise<void> {
    try {
      await account.endSession(id)
      notices.show('Signed out there')
      await sessions.load()
    } catch (error) {
      notices.show(failureText(error))
    }
  }
  async function endOthers(): Promise<void> {
    try {
      await account.endOtherSessions()
      notices.show('Signed out everywhere else')
      await sessions.load()
    } catch (error) {
      notices.show(failureText(error))
    }
  }
  async function endAll(): Promise<void> {
    setAsking(false)
    try {
      await account.endSessions()
    } catch (error) {
      notices.show(failureText(error))
    }
  }

  const list = [...(sessions.value.value ?? [])].sort(
    (a, b) => Number(b.current) - Number(a.current) || b.lastUsedAt - a.lastUsedAt,
  )
  return (
    <section class="section" aria-labelledby="sessions-title">
      <SectionTitle id="sessions-title">Sessions</SectionTitle>
      <p class="muted">Browsers and apps where you are signed in. Not one of yours? Sign it out.</p>
      <ResourceNote resource={sessions} />
      <ul class="rows">
        {list.map((session) => (
          <li key={session.id} class="row">
            <Icon name="device" />
            <div class="row-main">
              <div class="row-title">{session.device || 'Unnamed session'}</div>
              <div class="row-line">{describe(session)}</div>
            </div>
            {session.current ? (
              <span class="tag">Here</span>
            ) : (
              <button type="button" class="button" onClick={() => end(session.id)}>
                Sign out<span class="visually-hidden"> {session.device}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {list.length > 0 && (
        <div class="button-row">
          {list.length > 1 && (
            <button type="button" class="button" onClick={endOthers}>
              Sign out everywhere else
            </button>
          )}
          <button type="button" class="button button-danger" onClick={() => setAsking(true)}>
            <Icon name="leave" />
            Sign out everywhere
          </button>
        </div>
      )}
      {asking && (
        <Dialog title="Sign out everywhere?" onClose={() => setAsking(false)}>
          <p>Every session ends, this one included. App tokens go on working.</p>
          <div class="button-row">
            <button type="button" class="button" onClick={() => setAsking(false)}>
              Cancel
            </button>
            <button type="button" class="button button-danger" onClick={endAll}>
              Sign out everywhere
            </button>
          </div>
        </Dialog>
      )}
    </section>
  )
}

function describe({ current, createdAt, lastUsedAt, connected }: SessionInfo): string {
  const used = current ? 'This session' : `Last used ${momentName(lastUsedAt, Date.now())}`
  return [used, `signed in ${shortDate(createdAt)}`, ...connectedText(connected)].join(' · ')
}
