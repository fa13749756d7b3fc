import { useEffect } from 'preact/hooks'
import { adminPath, type SettingsSection, settingsPath } from '../../state/routes.ts'
import { lazy } from '../../ui/lazy.tsx'
import { useApp } from '../app-context.tsx'
import { PaneHead } from '../pane-head.tsx'
import { MyReports } from '../report/my-reports.tsx'
import { Tabs } from '../tabs.tsx'
import { Appearance } from './appearance.tsx'
import { Privacy } from './privacy.tsx'
import { Profile } from './profile.tsx'
import { Security } from './security.tsx'
import { Sessions } from './sessions.tsx'
import { Tokens } from './tokens.tsx'

const Data = lazy(() => import('./data.tsx').then((module) => module.Data))

const SECTIONS: readonly { section: SettingsSection; name: string }[] = [
  { section: 'profile', name: 'Profile' },
  { section: 'privacy', name: 'Privacy' },
  { section: 'security', name: 'Security' },
  { section: 'sessions', name: 'Sessions' },
  { section: 'tokens', name: 'App tokens' },
  { section: 'appearance', name: 'Appearance' },
  { section: 'data', name: 'Your data' },
]

export function SettingsPane({ section }: { section: SettingsSection }) {
  const { navigation, serverRole } = useApp()
  useEffect(() => {
    void serverRole.load()
  }, [serverRole])
  const office = serverRole.value.value ? [{ path: adminPath('reports'), name: 'Administration', current: false }] : []
  return (
    <>
      <PaneHead title="Settings" level="h2" onClose={navigation.back} />
      <Tabs
        label="Settings"
        tabs={[
          ...SECTIONS.map((entry) => ({
            path: settingsPath(entry.section),
            name: entry.name,
            current: entry.section === section,
          })),
          ...office,
        ]}
      />
      <div class="scroll">
        <div class="page">
          {section === 'profile' && <Profile />}
          {section === 'privacy' && <Privacy />}
          {section === 'privacy' && <MyReports />}
          {section === 'security' && <Security />}
          {section === 'sessions' && <Sessions />}
          {section === 'tokens' && <Tokens />}
          {section === 'appearance' && <Appearance />}
          {section === 'data' && <Data />}
        </div>
      </div>
    </>
  )
}
