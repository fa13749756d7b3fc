import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Mute } from '../../../../protocol/room-settings.ts'
import type { PutOut, RoomSummary } from '../../state/client-types.ts'
import { nameIn } from '../../state/people.ts'
import type { RoomModel } from '../../state/room-model.ts'
import { momentName } from '../../ui/times.ts'
import { useApp } from '../app-context.tsx'
import { Composer } from './composer.tsx'

/** Longer than a browser can wait at once. */
const MAX_WAIT_MS = 2_000_000_000

/** Where a message is written, or why none can be. */
export function RoomFoot({ model }: { model: RoomModel }) {
  const room = model.summary.value
  const putOut = room?.putOut
  switch (model.sendability.value) {
    case 'yes':
      return <Composer model={model} />
    case 'join':
      return (
        <Line>
          {putOut ? <WhyOut how={putOut} /> : 'You are reading a public room.'}
          <button type="button" class="button button-primary" onClick={model.join}>
            {putOut ? 'Join again' : 'Join to write'}
          </button>
        </Line>
      )
    case 'read-only':
      return <Line>You may read here, not write. An admin can change that.</Line>
    case 'admins-only':
      // One's own messages can still be edited.
      return model.editing.value ? <Composer model={model} /> : <Line>{room && whoWrites(room)}</Line>
    case 'muted':
      return <Muted mute={room?.mute ?? {}} model={model} />
    case 'archived':
      return <Line>This room is archived: it can be read, and nothing more is written to it.</Line>
    case 'banned':
    case 'gone':
      return (
        <Line>
          {putOut ? <WhyOut how={putOut} /> : 'You are not a member of this room.'}
          <a class="button" href="/">
            To your conversations
          </a>
        </Line>
      )
    case 'loading':
      return null
  }
}

/** Said aloud when it takes the place of the composer. */
const Line = ({ children }: { children: ComponentChildren }) => (
  <div class="composer-line" role="status">
    {children}
  </div>
)

const whoWrites = ({ settings }: RoomSummary): string =>
  settings.permissions.write === 'owner' ? 'Only owners write in this room.' : 'Only admins write in this room.'

function Muted({ mute, model }: { mute: Mute; model: RoomModel }) {
  const { until } = mute
  useEffect(() => {
    if (until === undefined) return undefined
    const timer = setTimeout(model.lookAgain, Math.min(Math.max(0, until - Date.now()) + 50, MAX_WAIT_MS))
    return () => clearTimeout(timer)
  }, [until, model])
  return (
    <Line>You are muted{until !== undefined && ` until ${momentName(until, Date.now())}`}. You can read along.</Line>
  )
}

function WhyOut({ how: { by, reason, banned } }: { how: PutOut }) {
  const { snapshot } = useApp()
  const until = banned?.until === undefined ? '' : ` until ${momentName(banned.until, Date.now())}`
  return (
    <span>
      {nameIn(snapshot.value.users, by)} {banned ? 'banned' : 'removed'} you{banned ? ` from this room${until}` : ''}.
      {reason !== undefined && ` Reason: ${reason}`}
    </span>
  )
}
