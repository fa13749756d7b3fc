import { useEffect, useState } from 'preact/hooks'
import { failureText } from '../../state/failure.ts'
import { createResource } from '../../state/resource.ts'
import { roomPath } from '../../state/routes.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { PaneHead } from '../pane-head.tsx'
import { SectionTitle } from '../section-title.tsx'
import { InviteNote } from './invite-note.tsx'
import { inviteSentence, membersText } from './invite-text.ts'
import { useInvites } from './use-invites.ts'

/** Where a link leads, for somebody signed in. `atOnce`: he has said yes at the door. */
export function InvitePage({ code, atOnce }: { code: string; atOnce: boolean }) {
  const { navigation } = useApp()
  const invites = useInvites()
  const shown = useConstant(() => createResource(() => invites.describe(code)))
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string | undefined>(undefined)
  const { room } = shown.value.value ?? {}

  async function join(): Promise<void> {
    if (busy) return
    setBusy(true)
    try {
      const { id } = await invites.follow(code)
      navigation.redirect(roomPath(id))
    } catch (error) {
      setFailure(failureText(error))
      setBusy(false)
    }
  }

  // The address alone says what is shown: once for each code.
  useEffect(() => {
    if (atOnce) void join()
    else void shown.load()
  }, [code, atOnce])

  return (
    <>
      <PaneHead title="Invitation" level="h2" onClose={navigation.back} />
      <div class="scroll">
        {failure !== undefined ? (
          <div class="empty" role="alert">
            <p>{failure}</p>
            <a class="button" href="/">
              To your conversations
            </a>
          </div>
        ) : atOnce ? (
          <div class="empty waiting" role="status">
            <p>One moment…</p>
          </div>
        ) : (
          <div class="empty">
            <InviteNote resource={shown} />
            {shown.value.value && (
              <>
                {room && <Avatar id={room.name} name={room.name} shape="room" />}
                <SectionTitle>{inviteSentence(shown.value.value)}</SectionTitle>
                {room ? (
                  <p>
                    {room.kind === 'private' ? 'Private room' : 'Public room'}, {membersText(room.members)}
                  </p>
                ) : (
                  <p>You have an account here already.</p>
                )}
                <div class="button-row">
                  {room?.id !== undefined ? (
                    <a class="button button-primary" href={roomPath(room.id)}>
                      Open the room
                    </a>
                  ) : (
                    room && (
                      <button type="button" class="button button-primary" aria-disabled={busy} onClick={join}>
                        {busy ? 'One moment…' : 'Join the room'}
                      </button>
                    )
                  )}
                  <a class="button" href="/">
                    {room ? 'Not now' : 'To your conversations'}
                  </a>
                </div>
              </>
            )}
          </div>
        )}
      </div>
    </>
  )
}
