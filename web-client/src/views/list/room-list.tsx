import { useComputed, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { RoomSummary } from '../../state/client-types.ts'
import { newPath } from '../../state/routes.ts'
import { useApp } from '../app-context.tsx'
import { RoomRow } from './room-row.tsx'

const MINUTE_MS = 60_000
const SETTLE_MS = 3_000

/** My rooms, the last active one first; rows do not jump under a pointer or a focus ([L2]). */
export function RoomList() {
  const { rooms, roomsLoaded, navigation, me, drafts, snapshot } = useApp()
  const held = useSignal(false)
  const minute = useSignal(Date.now())
  const kept = useRef<readonly string[]>([])
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(() => {
    const ticking = setInterval(() => {
      minute.value = Date.now()
    }, MINUTE_MS)
    return () => {
      clearInterval(ticking)
      clearTimeout(timer.current)
    }
  }, [minute])

  const shown = useComputed((): readonly RoomSummary[] => {
    if (!held.value) {
      kept.current = rooms.value.map(({ room }) => room)
      return rooms.value
    }
    const place = new Map(kept.current.map((room, index) => [room, index]))
    return [...rooms.value].sort((a, b) => (place.get(a.room) ?? -1) - (place.get(b.room) ?? -1))
  })

  function hold(): void {
    held.value = true
    clearTimeout(timer.current)
    timer.current = setTimeout(release, SETTLE_MS)
  }
  function release(): void {
    clearTimeout(timer.current)
    held.value = false
  }

  if (!roomsLoaded.value) return <Skeletons />
  if (shown.value.length === 0) return <NoRooms />
  const route = navigation.route.value
  const { users, open, blocked } = snapshot.value
  return (
    <ul class="rooms" onPointerMove={hold} onPointerLeave={release} onFocusCapture={hold} onBlurCapture={release}>
      {shown.value.map((summary) => (
        <li key={summary.room}>
          <RoomRow
            summary={summary}
            current={route.name === 'room' && route.room === summary.room}
            me={me.value?.id}
            blocked={blocked}
            users={users}
            presence={summary.peer === undefined ? undefined : users.get(summary.peer)?.presence}
            receipts={open.get(summary.room)?.receipts}
            draft={drafts.all.value.get(summary.room)?.text}
            now={minute.value}
          />
        </li>
      ))}
    </ul>
  )
}

function NoRooms() {
  return (
    <div class="empty">
      <p>No conversations yet</p>
      <a class="button button-primary" href={newPath('people')}>
        Start a conversation
      </a>
      <a class="button" href={newPath('browse')}>
        Browse rooms
      </a>
    </div>
  )
}

function Skeletons() {
  return (
    <div class="rooms" aria-busy="true">
      <span class="visually-hidden">Loading conversations</span>
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} class="room-skeleton" aria-hidden="true">
          <div class="skeleton" />
          <div class="skeleton" />
          <div class="skeleton" />
        </div>
      ))}
    </div>
  )
}
