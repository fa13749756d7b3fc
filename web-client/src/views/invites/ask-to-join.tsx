import { useEffect, useState } from 'preact/hooks'
import { isRoomId, type RoomId } from '../../../../protocol/ids.ts'
import { MAX_REQUEST_TEXT_LENGTH } from '../../../../protocol/limits.ts'
import { failureText } from '../../state/failure.ts'
import { createResource } from '../../state/resource.ts'
import { Field } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { rowTime } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { SectionTitle } from '../section-title.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'
import { useInvites } from './use-invites.ts'

const NO_ROOM = 'There is no such room, or it takes no requests.'

/** Asks to be let into a private room of which one knows the address; and what one has asked for. `room`: this one. */
export function AskToJoin({ room }: { room?: RoomId }) {
  const { notices } = useApp()
  const invites = useInvites()
  const mine = useConstant(() => createResource(() => invites.asked()))
  const [address, setAddress] = useState<string>(room ?? '')
  const [wrong, setWrong] = useState(false)
  useEffect(() => void mine.load(), [mine])
  const { failure, busy, onSubmit } = useSubmit(async (form) => {
    const wanted = address.trim().toLowerCase()
    setWrong(!isRoomId(wanted))
    if (!isRoomId(wanted)) return
    await invites.ask(wanted, String(form.get('text')).trim())
    notices.show('Your request was sent')
    if (room === undefined) setAddress('')
    await mine.load()
  })
  async function withdraw(asked: RoomId): Promise<void> {
    await invites.withdraw(asked).catch((error: unknown) => notices.show(failureText(error)))
    await mine.load()
  }

  const asked = (mine.value.value ?? []).filter((request) => room === undefined || request.room === room)
  const unknown = failure?.code === 'not_member'
  return (
    <section class="section" aria-labelledby="ask-title">
      <SectionTitle id="ask-title">Ask to join</SectionTitle>
      {room === undefined && (
        <p class="muted">Some private rooms take requests. Ask somebody who is there for the address of the room.</p>
      )}
      {asked.length > 0 && (
        <ul class="rows" aria-label="My requests">
          {asked.map((request) => (
            <li key={request.room} class="row">
              <Icon name="clock" />
              <div class="row-main">
                <div class="row-title">{request.room}</div>
                <div class="row-line" dir="auto">
                  Waiting since {rowTime(request.at, Date.now())}
                  {request.text && ` · ${request.text}`}
                </div>
              </div>
              <button type="button" class="button" onClick={() => withdraw(request.room)}>
                Take back<span class="visually-hidden"> the request to join {request.room}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {(room === undefined || asked.length === 0) && (
        <form class="form" onSubmit={onSubmit}>
          {!(unknown && room === undefined) && (
            <FormError failure={unknown ? { ...failure, text: NO_ROOM } : failure} />
          )}
          {room === undefined && (
            <Field
              label="Address of the room"
              name="room"
              required
              autocapitalize="none"
              autocomplete="off"
              spellcheck={false}
              maxLength={40}
              value={address}
              error={unknown ? NO_ROOM : wrong ? 'a to z, 0 to 9 and -, at most 40.' : undefined}
              onInput={(event) => setAddress(event.currentTarget.value)}
            />
          )}
          <Field
            label="A word about yourself"
            name="text"
            autocomplete="off"
            maxLength={MAX_REQUEST_TEXT_LENGTH}
            hint="For those who decide. You may leave it empty."
          />
          <div class="button-row">
            <button type="submit" class="button" aria-disabled={busy}>
              {busy ? 'One moment…' : 'Ask to join'}
            </button>
          </div>
        </form>
      )}
    </section>
  )
}
