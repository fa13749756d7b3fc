import { useEffect, useState } from 'preact/hooks'
import type { RoomId } from '../../../../protocol/ids.ts'
import { failureText } from '../../state/failure.ts'
import type { InviteLink } from '../../state/invites.ts'
import { createResource } from '../../state/resource.ts'
import { invitePath } from '../../state/routes.ts'
import { Icon } from '../../ui/icon.tsx'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { copyText } from '../copy-text.ts'
import { ResourceNote } from '../resource-note.tsx'
import { linkText } from './invite-text.ts'
import { NewLink } from './new-link.tsx'
import { useInvites } from './use-invites.ts'

/** The links that lead into a room: to copy, to end, to make. */
export function RoomLinks({ room }: { room: RoomId }) {
  const { notices } = useApp()
  const invites = useInvites()
  const links = useConstant(() => createResource(() => invites.links(room)))
  const [making, setMaking] = useState(false)
  const [asking, setAsking] = useState<string | undefined>(undefined)
  useEffect(() => void links.load(), [links])

  async function revoke(link: InviteLink): Promise<void> {
    setAsking(undefined)
    try {
      await invites.revokeLink(room, link.id)
      notices.show('The link was revoked')
    } catch (error) {
      notices.show(failureText(error))
    }
    await links.load()
  }

  return (
    <>
      <p class="muted small">Whoever has a link can come in by it, also somebody new who makes an account first.</p>
      <ResourceNote resource={links} />
      {links.value.value?.length !== 0 && (
        <ul class="rows" aria-label="Links">
          {links.value.value?.map((link) => (
            <li key={link.id} class="row row-tall">
              <Icon name="globe" />
              <div class="row-main">
                {link.code !== undefined && <code class="link-address">{addressOf(link.code)}</code>}
                <div class="row-line" dir="auto">
                  {linkText(link, Date.now())}
                </div>
                <div class="button-row">
                  {link.code !== undefined && (
                    <button type="button" class="button" onClick={() => copyText(addressOf(link.code ?? ''), notices)}>
                      <Icon name="copy" />
                      Copy<span class="visually-hidden"> link</span>
                    </button>
                  )}
                  {asking === link.id ? (
                    <button type="button" class="button button-danger" onClick={() => revoke(link)}>
                      Revoke for good
                    </button>
                  ) : (
                    <button type="button" class="button" onClick={() => setAsking(link.id)}>
                      Revoke<span class="visually-hidden"> link</span>
                    </button>
                  )}
                </div>
              </div>
            </li>
          ))}
        </ul>
      )}
      {making ? (
        <NewLink
          room={room}
          onClose={() => setMaking(false)}
          onMade={async () => {
            setMaking(false)
            await links.load()
          }}
        />
      ) : (
        <div class="button-row">
          <button type="button" class="button" onClick={() => setMaking(true)}>
            <Icon name="plus" />
            New link
          </button>
        </div>
      )}
    </>
  )
}

const addressOf = (code: string): string => `${location.origin}${invitePath(code)}`
