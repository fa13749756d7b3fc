import { useEffect } from 'preact/hooks'
import type { RoomId } from '../../../../protocol/ids.ts'
import { failureText } from '../../state/failure.ts'
import { createResource } from '../../state/resource.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'
import { useInvites } from './use-invites.ts'

/** Who asks to be let into a room, with a yes and a no for each. */
export function JoinRequests({ room }: { room: RoomId }) {
  const { invitations, notices } = useApp()
  const invites = useInvites()
  const requests = useConstant(() => createResource(() => invites.requests(room)))
  const asked = invitations.newRequests.value
  useEffect(() => void requests.load(), [requests, asked])

  async function decide(work: Promise<void>, done: string): Promise<void> {
    try {
      await work
      notices.show(done)
    } catch (error) {
      notices.show(failureText(error))
    }
    await requests.load()
  }

  return (
    <section class="section" aria-labelledby="requests-title">
      <SectionTitle id="requests-title">Requests to join</SectionTitle>
      <ResourceNote resource={requests} />
      {requests.value.value?.length === 0 && <p class="muted small">Nobody asks to be let in.</p>}
      {requests.value.value?.length !== 0 && (
        <ul class="rows" aria-label="Requests to join">
          {requests.value.value?.map(({ user: { id, displayName }, text }) => (
            <li key={id} class="row row-tall">
              <Avatar id={id} name={displayName} />
              <div class="row-main">
                <div class="row-title" dir="auto">
                  {displayName}
                </div>
                <div class="row-line" dir="auto">
                  @{id}
                  {text && ` · ${text}`}
                </div>
                <div class="button-row">
                  <button
                    type="button"
                    class="button button-primary"
                    onClick={() => decide(invites.letIn(room, id), `${displayName} was let in`)}
                  >
                    Let in<span class="visually-hidden"> {displayName}</span>
                  </button>
                  <button
                    type="button"
                    class="button"
                    onClick={() => decide(invites.turnAway(room, id), 'The request was declined')}
                  >
                    Decline<span class="visually-hidden"> {displayName}</span>
                  </button>
                </div>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
