import { type SettingsSection, settingsPath } from '../../state/routes.ts'
import { useApp } from '../app-context.tsx'
import { PaneHead } from '../pane-head.tsx'
import { Tabs } from '../tabs.tsx'
import { Appearance } from './appearance.tsx'
import { Profile } from './profile.tsx'
import { Security } from './security.tsx'
import { Sessions } from './sessions.tsx'
import { Tokens } from './tokens.tsx'

const SECTIONS: readonly { section: SettingsSection; name: string }[] = [
  { section: 'profile', name: 'Profile' },
  { section: 'security', name: 'Security' },
  { section: 'sessions', name: 'Sessions' },
  { section: 'tokens', name: 'App tokens' },
  { section: 'appearance', name: 'Appearance' },
]

export function SettingsPane({ section }: { section: SettingsSection }) {
  const { navigation } = useApp()
  return (
    <>
      <PaneHead title="Settings" level="h2" onClose={navigation.back} />
      <Tabs
        label="Settings"
        tabs={SECTIONS.map((entry) => ({
          path: settingsPath(entry.section),
          name: entry.name,
          current: entry.section === section,
        }))}
      />
      <div class="scroll">
        <div class="page">
          {section === 'profile' && <Profile />}
          {section === 'security' && <Security />}
          {section === 'sessions' && <Sessions />}
          {section === 'tokens' && <Tokens />}
          {section === 'appearance' && <Appearance />}
        </div>
      </div>
    </>
  )
}
