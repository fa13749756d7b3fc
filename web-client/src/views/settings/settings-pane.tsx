import { type SettingsSection, settingsPath } from '../../state/routes.ts'
import { useApp } from '../app-context.tsx'
import { PaneHead } from '../pane-head.tsx'
import { Appearance } from './appearance.tsx'
import { Profile } from './profile.tsx'
import { Sessions } from './sessions.tsx'
import { Tokens } from './tokens.tsx'

const SECTIONS: readonly { section: SettingsSection; name: string }[] = [
  { section: 'profile', name: 'Profile' },
  { section: 'sessions', name: 'Sessions' },
  { section: 'tokens', name: 'App tokens' },
  { section: 'appearance', name: 'Appearance' },
]

export function SettingsPane({ section }: { section: SettingsSection }) {
  const { navigation } = useApp()
  return (
    <>
      <PaneHead title="Settings" level="h2" onClose={navigation.back} />
      <nav class="tabs" aria-label="Settings">
        {SECTIONS.map((entry) => (
          <a
            key={entry.section}
            class="chip"
            data-replace
            href={settingsPath(entry.section)}
            aria-current={entry.section === section ? 'page' : undefined}
          >
            {entry.name}
          </a>
        ))}
      </nav>
      <div class="scroll">
        <div class="page">
          {section === 'profile' && <Profile />}
          {section === 'sessions' && <Sessions />}
          {section === 'tokens' && <Tokens />}
          {section === 'appearance' && <Appearance />}
        </div>
      </div>
    </>
  )
}
