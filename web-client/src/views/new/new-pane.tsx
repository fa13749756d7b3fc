import { type NewSection, newPath } from '../../state/routes.ts'
import { useApp } from '../app-context.tsx'
import { PaneHead } from '../pane-head.tsx'
import { BrowseRooms } from './browse-rooms.tsx'
import { CreateRoom } from './create-room.tsx'
import { StartDirect } from './start-direct.tsx'

const SECTIONS: readonly { section: NewSection; name: string }[] = [
  { section: 'people', name: 'Write to somebody' },
  { section: 'room', name: 'Make a room' },
  { section: 'browse', name: 'Browse rooms' },
]

/** The ways into a new conversation. */
export function NewPane({ section }: { section: NewSection }) {
  const { navigation } = useApp()
  return (
    <>
      <PaneHead title="New conversation" level="h2" onClose={navigation.back} />
      <nav class="tabs" aria-label="Ways to begin">
        {SECTIONS.map((entry) => (
          <a
            key={entry.section}
            class="chip"
            data-replace
            href={newPath(entry.section)}
            aria-current={entry.section === section ? 'page' : undefined}
          >
            {entry.name}
          </a>
        ))}
      </nav>
      <div class="scroll">
        <div class="page">
          {section === 'people' && <StartDirect />}
          {section === 'room' && <CreateRoom />}
          {section === 'browse' && <BrowseRooms />}
        </div>
      </div>
    </>
  )
}
