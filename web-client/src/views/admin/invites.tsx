import { useEffect, useState } from 'preact/hooks'
import type { ServerInvite } from '../../../../protocol/http/invites.ts'
import { MAX_NAME_LENGTH } from '../../../../protocol/limits.ts'
import type { Administration } from '../../state/administration.ts'
import { failureText } from '../../state/failure.ts'
import { createResource } from '../../state/resource.ts'
import { Field } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { copyText } from '../copy-text.ts'
import { linkText } from '../invites/invite-text.ts'
import { Select } from '../invites/select.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'

const DAY = 86_400
const ENDS = [
  { value: `${7 * DAY}`, name: 'After 7 days' },
  { value: `${DAY}`, name: 'After a day' },
  { value: `${30 * DAY}`, name: 'After 30 days' },
  { value: '0', name: 'When it is revoked' },
]
const USES = [
  { value: '1', name: 'One person' },
  { value: '10', name: 'Up to 10 people' },
  { value: '100', name: 'Up to 100 people' },
  { value: '0', name: 'Anyone who has it' },
]

/** Links by which strangers make an account here. */
export function Invites({ administration }: { administration: Administration }) {
  const { notices } = useApp()
  const invites = useConstant(() => createResource(administration.invites))
  const [asking, setAsking] = useState<string | undefined>(undefined)
  useEffect(() => {
    void invites.load()
  }, [invites])
  async function revoke(id: string): Promise<void> {
    setAsking(undefined)
    try {
      await administration.revokeInvite(id)
      notices.show('The invitation was revoked')
    } catch (error) {
      notices.show(failureText(error))
    }
    await invites.load()
  }

  return (
    <>
      <section class="section" aria-labelledby="invites-title">
        <SectionTitle id="invites-title">Invitations to this server</SectionTitle>
        <p class="muted">Whoever has a link can make an account, also where registration is by invitation only.</p>
        <ResourceNote resource={invites} />
        <ul class="rows" aria-label="Invitations">
          {invites.value.value?.map((invite) => (
            <li key={invite.id} class="row row-tall">
              <Icon name="globe" />
              <div class="row-main">
                <div class="row-title" dir="auto">
                  {invite.note || 'Without a note'}
                </div>
                <div class="row-line">{linkText(invite, Date.now())}</div>
                <div class="button-row">
                  <CopyLink invite={invite} />
                  {asking === invite.id ? (
                    <button type="button" class="button button-danger" onClick={() => revoke(invite.id)}>
                      Revoke for good
                    </button>
                  ) : (
                    <button type="button" class="button" onClick={() => setAsking(invite.id)}>
                      Revoke<span class="visually-hidden"> {invite.note}</span>
                    </button>
                  )}
                </div>
              </div>
            </li>
          ))}
        </ul>
        {invites.value.value?.length === 0 && <p class="muted">There are none.</p>}
      </section>
      <NewInvite administration={administration} onMade={invites.load} />
    </>
  )
}

function CopyLink({ invite: { url, note } }: { invite: ServerInvite }) {
  const { notices } = useApp()
  if (url === undefined) return null
  return (
    <button type="button" class="button" onClick={() => copyText(url, notices)}>
      <Icon name="copy" />
      Copy link<span class="visually-hidden"> {note}</span>
    </button>
  )
}

function NewInvite({ administration, onMade }: { administration: Administration; onMade(): Promise<void> }) {
  const { notices } = useApp()
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    const [expiresIn, uses] = [Number(form.get('ends')), Number(form.get('uses'))]
    const note = String(form.get('note')).trim()
    await administration.invite({
      ...(note !== '' && { note }),
      ...(expiresIn > 0 && { expiresIn }),
      ...(uses > 0 && { uses }),
    })
    notices.show('The link is ready to be copied')
    await onMade()
  })
  return (
    <section class="section" aria-labelledby="new-invite-title">
      <SectionTitle id="new-invite-title">New invitation</SectionTitle>
      <form class="form" onSubmit={onSubmit}>
        <FormError failure={failure} />
        <Field label="Note" name="note" maxLength={MAX_NAME_LENGTH} autocomplete="off" hint="Whom it is for." />
        <Select label="It ends" name="ends" options={ENDS} />
        <Select label="It lets in" name="uses" options={USES} />
        <div class="button-row">
          <button type="submit" class="button button-primary" aria-disabled={busy}>
            {busy ? 'One moment…' : 'Make the link'}
          </button>
        </div>
      </form>
    </section>
  )
}
