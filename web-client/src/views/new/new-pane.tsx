import { type NewSection, newPath } from '../../state/routes.ts'
import { useApp } from '../app-context.tsx'
import { PaneHead } from '../pane-head.tsx'
import { Tabs } from '../tabs.tsx'
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
      <Tabs
        label="Ways to begin"
        tabs={SECTIONS.map((entry) => ({
          path: newPath(entry.section),
          name: entry.name,
          current: entry.section === section,
        }))}
      />
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
