import { useState } from 'preact/hooks'
import type { RoomSummary } from '../../state/client-types.ts'
import { failureText } from '../../state/failure.ts'
import { mayIn } from '../../state/may.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useApp } from '../app-context.tsx'
import { FormError, useSubmit } from '../submit-form.tsx'

/** Leaving, archiving and deleting a room. */
export function EndRoom({ room }: { room: RoomSummary }) {
  const { client, notices } = useApp()
  const [asking, setAsking] = useState<'leave' | 'archive' | 'delete' | undefined>(undefined)
  const close = () => setAsking(undefined)
  const bringBack = () => {
    client.updateRoom(room.room, { archived: false }).then(
      () => notices.show(`${room.name} is back`),
      (error: unknown) => notices.show(failureText(error)),
    )
  }
  return (
    <section class="section" aria-label="Leave, archive or delete">
      <div class="button-row">
        {mayIn(room, 'leave') && (
          <button type="button" class="button button-danger" onClick={() => setAsking('leave')}>
            <Icon name="leave" />
            Leave room
          </button>
        )}
        {mayIn(room, 'archive') && (
          <button type="button" class="button" onClick={room.archived ? bringBack : () => setAsking('archive')}>
            <Icon name={room.archived ? 'retry' : 'lock'} />
            {room.archived ? 'Bring back' : 'Archive room'}
          </button>
        )}
        {mayIn(room, 'delete-room') && (
          <button type="button" class="button button-danger" onClick={() => setAsking('delete')}>
            <Icon name="trash" />
            Delete room
          </button>
        )}
      </div>
      {asking === 'leave' && <LeaveDialog room={room} onClose={close} />}
      {asking === 'archive' && <ArchiveDialog room={room} onClose={close} />}
      {asking === 'delete' && <DeleteDialog room={room} onClose={close} />}
    </section>
  )
}

type DialogProps = { room: RoomSummary; onClose: () => void }

function LeaveDialog({ room, onClose }: DialogProps) {
  const { client, navigation } = useApp()
  const submit = useSubmit(async () => {
    await client.leaveRoom(room.room)
    navigation.redirect('/')
  })
  return (
    <Dialog title={`Leave ${room.name}?`} onClose={onClose}>
      <form class="form" onSubmit={submit.onSubmit}>
        <p>
          {room.kind === 'public'
            ? 'You can join again whenever you like.'
            : 'You can come back only if somebody lets you in again.'}
        </p>
        <FormError failure={submit.failure} />
        <Answers busy={submit.busy} action="Leave room" onClose={onClose} />
      </form>
    </Dialog>
  )
}

function ArchiveDialog({ room, onClose }: DialogProps) {
  const { client, notices } = useApp()
  const submit = useSubmit(async () => {
    await client.updateRoom(room.room, { archived: true })
    notices.show(`${room.name} is archived`)
    onClose()
  })
  return (
    <Dialog title={`Archive ${room.name}?`} onClose={onClose}>
      <form class="form" onSubmit={submit.onSubmit}>
        <p>Everybody can still read it, and nobody can write to it until an owner brings it back.</p>
        <FormError failure={submit.failure} />
        <Answers busy={submit.busy} action="Archive room" onClose={onClose} />
      </form>
    </Dialog>
  )
}

/** What cannot be undone is typed, not clicked. */
function DeleteDialog({ room, onClose }: DialogProps) {
  const { client, navigation } = useApp()
  const [typed, setTyped] = useState('')
  const [missed, setMissed] = useState(false)
  const submit = useSubmit(async () => {
    if (typed.trim() !== room.name) return setMissed(true)
    await client.deleteRoom(room.room)
    navigation.redirect('/')
  })
  return (
    <Dialog title={`Delete ${room.name}?`} onClose={onClose}>
      <form class="form" onSubmit={submit.onSubmit}>
        <p>The room and everything said in it will be gone for everybody, and cannot be brought back.</p>
        <FormError failure={submit.failure} />
        <Field
          label={`Type “${room.name}” to delete it`}
          name="name"
          autocomplete="off"
          value={typed}
          onInput={(event) => {
            setTyped(event.currentTarget.value)
            setMissed(false)
          }}
          error={missed ? `This is not the name. Type ${room.name}` : undefined}
        />
        <Answers busy={submit.busy} action="Delete room" onClose={onClose} />
      </form>
    </Dialog>
  )
}

function Answers({ busy, action, onClose }: { busy: boolean; action: string; onClose: () => void }) {
  return (
    <div class="button-row">
      <button type="button" class="button" onClick={onClose}>
        Cancel
      </button>
      <button type="submit" class="button button-danger" aria-disabled={busy}>
        {busy ? 'One moment…' : action}
      </button>
    </div>
  )
}
