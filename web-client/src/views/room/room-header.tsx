import type { RoomModel } from '../../state/room-model.ts'
import { detailsPath } from '../../state/routes.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useApp } from '../app-context.tsx'

/** The head of a room ([R1]); the line below the name is also where the state of the connection is told ([S5]). */
export function RoomHeader({ model }: { model: RoomModel }) {
  const { compact, navigation, connectionLine, snapshot } = useApp()
  const summary = model.summary.value
  const name = summary?.name ?? model.room
  const Heading = compact.value ? 'h1' : 'h2'
  const connection = connectionLine.value
  const peer = summary?.peer === undefined ? undefined : snapshot.value.users.get(summary.peer)
  const route = navigation.route.value
  const detailsOpen = route.name === 'room' && route.details
  return (
    <div class="bar">
      {compact.value && (
        <button type="button" class="icon-button" aria-label="Back to conversations" onClick={navigation.back}>
          <Icon name="back" />
        </button>
      )}
      <div class="room-head">
        <Avatar
          id={summary?.peer ?? model.room}
          name={name}
          shape={summary?.kind === 'direct' ? 'person' : 'room'}
          picture={peer?.avatar}
          presence={peer?.presence}
        />
        <div class="bar-title">
          <Heading class="truncate" dir="auto">
            {name}
          </Heading>
          <div class="room-subtitle truncate" data-kind={connection ? 'connection' : 'plain'} role="status">
            {connection ?? model.subtitle.value}
          </div>
        </div>
      </div>
      {summary?.role !== undefined && (
        <button
          type="button"
          class="icon-button"
          aria-label="Room details"
          title="Room details"
          aria-expanded={detailsOpen}
          onClick={() => (detailsOpen ? navigation.back() : navigation.go(detailsPath(model.room)))}
        >
          <Icon name="details" />
        </button>
      )}
    </div>
  )
}
