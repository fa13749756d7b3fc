import { useEffect, useRef, useState } from 'preact/hooks'
import { createPersonalData, type DeletionObstacles, type MessagesChoice } from '../../state/personal-data.ts'
import { createResource } from '../../state/resource.ts'
import { adminPath, detailsPath } from '../../state/routes.ts'
import { Field, PasswordField } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { SectionTitle } from '../section-title.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'
import { useProof } from './proof.tsx'

/** What the server knows of me: to take along, and to have deleted. */
export function Data() {
  return (
    <>
      <Download />
      <DeleteAccount />
    </>
  )
}

function Download() {
  const { call, notices } = useApp()
  const data = useConstant(() => createPersonalData(call))
  const { prove, busy, dialog } = useProof()
  const download = (): void =>
    prove(async (password) => {
      fetchFile(await data.requestExport(password))
      notices.show('Your download begins')
    })
  return (
    <section class="section" aria-labelledby="download-title">
      <SectionTitle id="download-title">Download your data</SectionTitle>
      <p class="muted">
        Everything that this server keeps about you, as a ZIP file: your profile, settings and rooms, what you wrote,
        and what was written to you in direct conversations.
      </p>
      <div class="button-row">
        <button type="button" class="button" aria-disabled={busy} onClick={download}>
          {busy ? 'One moment…' : 'Download my data'}
        </button>
      </div>
      {dialog}
    </section>
  )
}

/** As a link would, so that the page stays. */
function fetchFile(url: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = ''
  link.click()
}

const CHOICES: readonly { choice: MessagesChoice; name: string; hint: string }[] = [
  { choice: 'anonymise', name: 'Keep them without my name', hint: 'Conversations of others stay whole.' },
  { choice: 'remove', name: 'Delete their text too', hint: 'Everything you wrote is blank from then on.' },
]

function DeleteAccount() {
  const { call, drafts, client, me, navigation } = useApp()
  const data = useConstant(() => createPersonalData(call))
  const password = useConstant(() => createResource(() => data.hasPassword()))
  const [obstacles, setObstacles] = useState<DeletionObstacles | undefined>(undefined)
  const [mistyped, setMistyped] = useState(false)
  const user = me.value?.id ?? ''
  useEffect(() => {
    void password.load()
  }, [password])
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    const same = String(form.get('confirmation')).trim().replace(/^@/, '') === user
    setMistyped(!same)
    setObstacles(undefined)
    if (!same) return
    const typed = form.get('password')
    const messages = form.get('messages') === 'remove' ? 'remove' : 'anonymise'
    const found = await data.deleteAccount(messages, typed === null ? undefined : String(typed))
    if (found !== undefined) return setObstacles(found)
    drafts.clear()
    const leaving = client.signOut()
    navigation.redirect('/goodbye')
    await leaving
  })
  const hasPassword = password.value.value !== false
  const wrong = hasPassword && failure?.code === 'invalid_credentials' ? 'This is not your password.' : undefined
  return (
    <section class="section" aria-labelledby="delete-title">
      <SectionTitle id="delete-title">Delete your account</SectionTitle>
      <p class="muted">
        You are signed out everywhere, you leave every room, and nobody can take your user name. This cannot be undone.
      </p>
      {obstacles && <Obstacles obstacles={obstacles} />}
      <form class="form" onSubmit={onSubmit}>
        {!wrong && <FormError failure={failure} />}
        <fieldset class="choice">
          <legend class="label">Your messages</legend>
          {CHOICES.map(({ choice, name, hint }) => (
            <label key={choice} class="choice-option">
              <input type="radio" name="messages" value={choice} defaultChecked={choice === 'anonymise'} />
              <span>
                <span class="choice-name">{name}</span>
                <span class="choice-hint">{hint}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Field
          label="Your user name"
          name="confirmation"
          required
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          hint={`Type ${user} to say that you mean it.`}
          error={mistyped ? `This is not ${user}.` : undefined}
        />
        {hasPassword ? (
          <PasswordField label="Your password" name="password" required autocomplete="current-password" error={wrong} />
        ) : (
          <p class="muted">Your account has no password: sign in anew if you did so more than ten minutes ago.</p>
        )}
        <div class="button-row">
          <button type="submit" class="button button-danger" aria-disabled={busy}>
            {busy ? 'One moment…' : 'Delete my account'}
          </button>
        </div>
      </form>
    </section>
  )
}

/** Takes the focus so that it is heard. */
function Obstacles({ obstacles: { rooms, server } }: { obstacles: DeletionObstacles }) {
  const note = useRef<HTMLDivElement>(null)
  useEffect(() => note.current?.focus(), [])
  return (
    <div ref={note} class="note note-error" role="alert" tabIndex={-1}>
      <Icon name="alert" />
      <div class="note-text">
        {server && (
          <p>
            You are the last owner of this server. Make <a href={adminPath('users')}>somebody else</a> owner first.
          </p>
        )}
        {rooms.length > 0 && (
          <>
            <p>
              You are the last owner of {rooms.length === 1 ? 'a room' : `${rooms.length} rooms`}. Make somebody else
              owner first, or delete {rooms.length === 1 ? 'it' : 'them'}:
            </p>
            <ul>
              {rooms.map(({ id, name }) => (
                <li key={id}>
                  <a href={detailsPath(id)}>{name}</a>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  )
}
