import { useEffect, useState } from 'preact/hooks'
import type { AppToken } from '../../../../protocol/http.ts'
import { isRoomId } from '../../../../protocol/ids.ts'
import { MAX_NAME_LENGTH } from '../../../../protocol/limits.ts'
import { createAccount } from '../../state/account.ts'
import { failureText } from '../../state/failure.ts'
import { createResource } from '../../state/resource.ts'
import { Field } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { shortDate } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'
import { NewToken } from './new-token.tsx'
import { connectedText } from './transport-text.ts'

const DAY_MS = 86_400_000

/** Long-lived keys for bots, devices and scripts. */
export function Tokens() {
  const { client, notices, me, host, rooms, server } = useApp()
  const account = useConstant(() => createAccount(client))
  const tokens = useConstant(() => createResource(() => account.listTokens()))
  const [made, setMade] = useState<(AppToken & { token: string }) | undefined>(undefined)
  const [asking, setAsking] = useState<string | undefined>(undefined)
  useEffect(() => {
    tokens.load()
    if (!server.value.peek()) void server.load()
  }, [tokens, server])
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    const room = String(form.get('room'))
    const days = Number(form.get('days'))
    const token = await account.createToken({
      name: String(form.get('name')).trim(),
      access: form.get('access') === 'read' ? 'read' : 'write',
      ...(isRoomId(room) && { rooms: [room] }),
      ...(days > 0 && { expiresAt: Date.now() + days * DAY_MS }),
    })
    setMade(token)
    await tokens.load()
  })
  async function revoke(token: AppToken): Promise<void> {
    setAsking(undefined)
    try {
      await account.deleteToken(token.id)
      if (made?.id === token.id) setMade(undefined)
      notices.show(`“${token.name}” was revoked`)
      await tokens.load()
    } catch (error) {
      notices.show(failureText(error))
    }
  }

  return (
    <>
      <section class="section" aria-labelledby="tokens-title">
        <SectionTitle id="tokens-title">App tokens</SectionTitle>
        <p class="muted">
          A token lets a script, a bot or a device speak MQTT in your name, without your password. Revoke it when it is
          no longer needed.
        </p>
        {made && me.value && (
          <NewToken token={made} user={me.value.id} host={host} onClose={() => setMade(undefined)} />
        )}
        <ResourceNote resource={tokens} />
        <ul class="rows">
          {tokens.value.value?.map((token) => (
            <li key={token.id} class="row">
              <Icon name="key" />
              <div class="row-main">
                <div class="row-title" dir="auto">
                  {token.name}
                </div>
                <div class="row-line">{describe(token)}</div>
              </div>
              {asking === token.id ? (
                <button type="button" class="button button-danger" onClick={() => revoke(token)}>
                  Revoke for good<span class="visually-hidden"> {token.name}</span>
                </button>
              ) : (
                <button type="button" class="button" onClick={() => setAsking(token.id)}>
                  Revoke<span class="visually-hidden"> {token.name}</span>
                </button>
              )}
            </li>
          ))}
        </ul>
        {tokens.value.value?.length === 0 && <p class="muted">There are no tokens yet.</p>}
      </section>
      <section class="section" aria-labelledby="new-token-title">
        <SectionTitle id="new-token-title">New token</SectionTitle>
        <form class="form" onSubmit={onSubmit}>
          <FormError failure={failure} />
          <Field
            label="Name"
            name="name"
            required
            maxLength={MAX_NAME_LENGTH}
            autocomplete="off"
            hint="What it is for, such as “backup of the office server”."
          />
          <div class="field">
            <label for="token-room">Rooms</label>
            <select id="token-room" name="room" class="input">
              <option value="">All my rooms</option>
              {rooms.value.map(({ room, name }) => (
                <option key={room} value={room}>
                  {name}
                </option>
              ))}
            </select>
          </div>
          <div class="field">
            <label for="token-access">It may</label>
            <select id="token-access" name="access" class="input">
              <option value="write">Read and write</option>
              <option value="read">Only read</option>
            </select>
          </div>
          <div class="field">
            <label for="token-days">It ends</label>
            <select id="token-days" name="days" class="input">
              <option value="0">When I revoke it</option>
              <option value="30">After 30 days</option>
              <option value="365">After a year</option>
            </select>
          </div>
          <div class="button-row">
            <button type="submit" class="button button-primary" aria-disabled={busy}>
              {busy ? 'One moment…' : 'Create token'}
            </button>
          </div>
        </form>
      </section>
    </>
  )
}

function describe(token: AppToken): string {
  return [
    token.access === 'read' ? 'Reads' : 'Reads and writes',
    token.rooms === null ? 'all rooms' : token.rooms.join(', '),
    token.lastUsedAt === null ? 'never used' : `last used ${shortDate(token.lastUsedAt)}`,
    ...(token.expiresAt === null ? [] : [`ends ${shortDate(token.expiresAt)}`]),
    ...connectedText(token.connected),
  ].join(' · ')
}
