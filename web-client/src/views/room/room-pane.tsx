import { useComputed, useSignalEffect } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { RoomId } from '../../../../protocol/ids.ts'
import { codeText } from '../../state/failure.ts'
import type { RoomModel } from '../../state/room-model.ts'
import { lazy } from '../../ui/lazy.tsx'
import { useApp } from '../app-context.tsx'
import { MessageList } from './message-list.tsx'
import { RoomFoot } from './room-foot.tsx'
import { RoomHeader } from './room-header.tsx'

const AskToJoin = lazy(async () => (await import('../invites/ask-to-join.tsx')).AskToJoin)

/** One room: its head, its messages, and what is being written. */
export function RoomPane({ room }: { room: RoomId }) {
  const { roomModel, navigation, rooms, roomsLoaded } = useApp()
  const model = roomModel(room)
  // A cold start with a room in the address waits for the list: only then it is known what was unread.
  const ready = roomsLoaded.value
  // Before the list is drawn: where it opens depends on what is unread now.
  useMemo(() => ready && model.enter(), [model, ready])
  useEffect(() => () => model.leave(), [model])
  // Let in while the door is on the screen.
  const isMine = useComputed(() => rooms.value.some((summary) => summary.room === room)).value
  useEffect(() => {
    if (isMine && model.failure.peek() !== undefined) model.enter()
  }, [isMine, model])
  useSignalEffect(() => {
    const route = navigation.route.value
    if (route.name === 'room' && route.room === room && route.seq !== undefined && model.loaded.value) {
      model.jumpTo(route.seq).catch(() => undefined)
    }
  })

  return (
    <>
      <RoomHeader model={model} />
      <Messages model={model} />
      <RoomFoot model={model} />
    </>
  )
}

function Messages({ model }: { model: RoomModel }) {
  const app = useApp()
  const { open, failure } = model
  const state = useComputed(() => {
    const room = open.value
    if (room && room.items.length > 0) return 'items'
    if (failure.value !== undefined) return 'failed'
    return room && !room.loading ? 'empty' : 'loading'
  })
  switch (state.value) {
    case 'items':
      return <MessageList app={app} model={model} />
    case 'failed':
      return (
        <div class="empty">
          <div role="alert" class="form">
            <h2>This room cannot be shown</h2>
            <p>{failure.value}</p>
          </div>
          <div class="button-row">
            <button type="button" class="button" onClick={model.enter}>
              Try again
            </button>
            <a class="button" href="/">
              To your conversations
            </a>
          </div>
          {failure.value === codeText('not_member') && <AskToJoin room={model.room} />}
        </div>
      )
    case 'empty':
      return (
        <div class="empty">
          <p>No messages yet</p>
        </div>
      )
    case 'loading':
      return (
        <div class="log" aria-busy="true">
          <div class="log-rows">
            <span class="visually-hidden">Loading messages</span>
            <div class="loading-rows" aria-hidden="true">
              <div class="skeleton" />
              <div class="skeleton" />
              <div class="skeleton" />
            </div>
          </div>
        </div>
      )
  }
}
