import { useComputed } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import type { RoomId } from '../../../../protocol/ids.ts'
import type { RoomSummary, User } from '../../state/client-types.ts'
import { failureText } from '../../state/failure.ts'
import { createResource } from '../../state/resource.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { rowTime } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'
import { UserSearch } from '../user-search.tsx'
import { JoinRequests } from './join-requests.tsx'
import { RoomLinks } from './room-links.tsx'
import { useInvites } from './use-invites.ts'

/** Who is invited to a room, by which links one comes in, and who asks: for those who may invite. */
export function RoomInvitations({ summary }: { summary: RoomSummary }) {
  const takesRequests = summary.kind === 'private' && summary.settings.joinRequests
  return (
    <>
      {takesRequests && <JoinRequests room={summary.room} />}
      <section class="section" aria-labelledby="invited-title">
        <SectionTitle id="invited-title">Invited people</SectionTitle>
        <Invited room={summary.room} />
      </section>
      <section class="section" aria-labelledby="links-title">
        <SectionTitle id="links-title">Invite links</SectionTitle>
        <RoomLinks room={summary.room} />
      </section>
    </>
  )
}

function Invited({ room }: { room: RoomId }) {
  const { notices, roomModel } = useApp()
  const invites = useInvites()
  const [searching, setSearching] = useState(false)
  const pending = useConstant(() => createResource(() => invites.pending(room)))
  const members = useComputed(() => roomModel(room).open.value?.members)
  // Who comes in is not invited any more.
  const count = members.value?.length
  useEffect(() => void pending.load(), [pending, count])

  async function change(work: Promise<void>, done: string): Promise<void> {
    try {
      await work
      notices.show(done)
    } catch (error) {
      notices.show(failureText(error))
    }
    await pending.load()
  }
  function note({ id }: User): string | undefined {
    if (members.value?.some(({ user }) => user === id)) return 'Already a member'
    return pending.value.value?.some(({ user }) => user.id === id) ? 'Invited' : undefined
  }

  return (
    <>
      <p class="muted small">Who is invited decides whether to come in.</p>
      <ResourceNote resource={pending} />
      {pending.value.value?.length !== 0 && (
        <ul class="rows" aria-label="Invited">
          {pending.value.value?.map(({ user, by, at }) => (
            <li key={user.id} class="row">
              <Avatar id={user.id} name={user.displayName} />
              <div class="row-main">
                <div class="row-title" dir="auto">
                  {user.displayName}
                </div>
                <div class="row-line" dir="auto">
                  By {by.displayName} · {rowTime(at, Date.now())}
                </div>
              </div>
              <button
                type="button"
                class="button"
                onClick={() => change(invites.uninvite(room, user.id), 'The invitation was taken back')}
              >
                Take back<span class="visually-hidden"> the invitation of {user.displayName}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {searching ? (
        <UserSearch
          label="Invite somebody"
          action="Invite"
          onChoose={(user) => change(invites.invite(room, user.id), `${user.displayName} was invited`)}
          note={note}
          askFirst
        />
      ) : (
        <div class="button-row">
          <button type="button" class="button" onClick={() => setSearching(true)}>
            <Icon name="person-plus" />
            Invite somebody
          </button>
        </div>
      )}
    </>
  )
}
