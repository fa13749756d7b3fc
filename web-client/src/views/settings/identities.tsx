import { useEffect } from 'preact/hooks'
import type { Identity } from '../../../../protocol/http/identities.ts'
import { PASSWORD_MIN_LENGTH } from '../../../../protocol/limits.ts'
import { failureText } from '../../state/failure.ts'
import { outcomeText } from '../../state/provider-outcome.ts'
import { createResource } from '../../state/resource.ts'
import { PasswordField } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { shortDate } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { useEntrance } from '../entrance-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'
import { Password } from './password.tsx'
import { useProof } from './proof.tsx'

type Mine = { identities: Identity[]; password: boolean }

/** The password, or the first one of who came without; and the sign-ins at a provider that are linked. */
export function PasswordAndIdentities() {
  const { call, server } = useApp()
  const mine = useConstant(() => createResource(() => call<Mine>('GET', '/me/identities')))
  useEffect(() => {
    void mine.load()
    if (!server.value.peek()) void server.load()
  }, [mine, server])
  const { identities = [], password = true } = mine.value.value ?? {}
  const name = server.value.value?.oidc?.name
  return (
    <>
      {password ? <Password /> : <FirstPassword onSet={() => void mine.load()} />}
      {(name !== undefined || identities.length > 0) && (
        <section class="section" aria-labelledby="identities-title">
          <SectionTitle id="identities-title">Linked sign-ins</SectionTitle>
          <Outcome name={name ?? 'the provider'} />
          <ResourceNote resource={mine} />
          <ul class="rows">
            {identities.map((identity) => (
              <IdentityRow key={identity.id} identity={identity} onGone={() => void mine.load()} />
            ))}
          </ul>
          {name !== undefined && mine.value.value && identities.length === 0 && <LinkButton name={name} />}
        </section>
      )}
    </>
  )
}

/** How a visit at the provider ended that began here, or at the sign-in. */
function Outcome({ name }: { name: string }) {
  const outcome = useEntrance().provider.outcome.value
  if (outcome === undefined || outcome === 'confirm') return null
  return (
    <p class={outcome === 'linked' ? 'note' : 'note note-error'} role="status">
      {outcomeText(outcome, name)}
    </p>
  )
}

function IdentityRow({ identity, onGone }: { identity: Identity; onGone: () => void }) {
  const { call, notices } = useApp()
  async function unlink(): Promise<void> {
    try {
      await call('DELETE', `/me/identities/${identity.id}`)
      notices.show('The sign-in was unlinked')
      onGone()
    } catch (error) {
      notices.show(failureText(error))
    }
  }
  const used = identity.lastUsedAt === null ? 'never used' : `last used ${shortDate(identity.lastUsedAt)}`
  return (
    <li class="row">
      <Icon name="key" />
      <div class="row-main">
        <div class="row-title" dir="auto">
          {identity.name}
        </div>
        <div class="row-line">
          Linked {shortDate(identity.createdAt)} · {used}
        </div>
      </div>
      <button type="button" class="button" onClick={unlink}>
        Unlink<span class="visually-hidden"> {identity.name}</span>
      </button>
    </li>
  )
}

function LinkButton({ name }: { name: string }) {
  const { provider } = useEntrance()
  const { prove, busy, dialog } = useProof()
  return (
    <div class="form">
      <p class="muted">Link your account to sign in with {name} as well.</p>
      <div class="button-row">
        <button type="button" class="button" aria-disabled={busy} onClick={() => prove(provider.link)}>
          {busy ? 'One moment…' : `Link with ${name}`}
        </button>
      </div>
      {dialog}
    </div>
  )
}

function FirstPassword({ onSet }: { onSet: () => void }) {
  const { call, notices } = useApp()
  const { failure, busy, onSubmit } = useSubmit(async (fields) => {
    await call('PUT', '/me/password', { newPassword: String(fields.get('newPassword')) })
    notices.show('You can sign in with this password from now on')
    onSet()
  })
  const weak = failure?.code === 'weak_password' ? failure.text : undefined
  return (
    <section class="section" aria-labelledby="first-password-title">
      <SectionTitle id="first-password-title">Password</SectionTitle>
      <form class="form" onSubmit={onSubmit}>
        <p class="muted">Your account has no password. You can set one within ten minutes after signing in.</p>
        {!weak && <FormError failure={failure} />}
        <PasswordField
          label="New password"
          name="newPassword"
          required
          minLength={PASSWORD_MIN_LENGTH}
          autocomplete="new-password"
          hint={`At least ${PASSWORD_MIN_LENGTH} characters.`}
          error={weak}
        />
        <div class="button-row">
          <button type="submit" class="button" aria-disabled={busy}>
            {busy ? 'One moment…' : 'Set a password'}
          </button>
        </div>
      </form>
    </section>
  )
}
