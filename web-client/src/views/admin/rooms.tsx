import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { AdminRoom } from '../../../../protocol/http/administration.ts'
import type { Administration } from '../../state/administration.ts'
import { createPages } from '../../state/pages.ts'
import { roomPath } from '../../state/routes.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { shortDate } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { SectionTitle } from '../section-title.tsx'
import { SearchField } from './filter-field.tsx'
import { PagesNote } from './pages-note.tsx'

const WAIT_MS = 250

/** The public rooms. Private ones are counted under Server, and seen by their members alone. */
export function Rooms({ administration }: { administration: Administration }) {
  const query = useSignal('')
  const rooms = useConstant(() =>
    createPages<AdminRoom>((last) => administration.rooms({ q: query.peek().trim(), after: last?.id })),
  )
  const text = query.value.trim()
  useEffect(() => {
    const timer = setTimeout(rooms.load, text === '' ? 0 : WAIT_MS)
    return () => clearTimeout(timer)
  }, [text, rooms])
  return (
    <section class="section" aria-labelledby="rooms-title">
      <SectionTitle id="rooms-title">Public rooms</SectionTitle>
      <p class="muted">Private rooms and conversations between two are seen by their members alone.</p>
      <SearchField
        label="Find a room"
        placeholder="Beginning of a name"
        value={query.value}
        onText={(value) => {
          query.value = value
        }}
      />
      <ul class="rows" aria-label="Public rooms" aria-busy={rooms.loading.value}>
        {rooms.items.value?.map((room) => (
          <li key={room.id} class="row">
            <Avatar id={room.id} name={room.name} shape="room" />
            <div class="row-main">
              <a class="row-title" href={roomPath(room.id)} dir="auto">
                {room.name}
              </a>
              <div class="row-line">{describe(room)}</div>
            </div>
            {room.archived && <span class="tag">Archived</span>}
          </li>
        ))}
      </ul>
      <PagesNote pages={rooms} none="There is no such room." />
    </section>
  )
}

const describe = ({ id, members, messages, createdAt }: AdminRoom): string =>
  [
    id,
    members === 1 ? '1 member' : `${members} members`,
    messages === 1 ? '1 message' : `${messages} messages`,
    `since ${shortDate(createdAt)}`,
  ].join(' · ')
