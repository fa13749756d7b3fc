import { useEffect } from 'preact/hooks'
import type { ServerRole } from '../../../../protocol/server-role.ts'
import { createAdministration } from '../../state/administration.ts'
import { type AdminSection, adminPath } from '../../state/routes.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { PaneHead } from '../pane-head.tsx'
import { ResourceNote } from '../resource-note.tsx'
import { Tabs } from '../tabs.tsx'
import { Audit } from './audit.tsx'
import { Invites } from './invites.tsx'
import { Reports } from './reports.tsx'
import { Rooms } from './rooms.tsx'
import { Status } from './status.tsx'
import { Users } from './users.tsx'

const SECTIONS: readonly { section: AdminSection; name: string; ownersOnly?: true }[] = [
  { section: 'reports', name: 'Reports' },
  { section: 'users', name: 'People' },
  { section: 'rooms', name: 'Rooms' },
  { section: 'invites', name: 'Invitations' },
  { section: 'audit', name: 'Audit log', ownersOnly: true },
  { section: 'status', name: 'Server' },
]

/** The console of those who run the server; for others there is nothing here. */
export function AdminPane({ section }: { section: AdminSection }) {
  const { navigation, serverRole } = useApp()
  useEffect(() => {
    void serverRole.load()
  }, [serverRole])
  const role = serverRole.value.value
  return (
    <>
      <PaneHead title="Administration" level="h2" onClose={navigation.back} />
      {role ? <Console section={section} role={role} /> : <NoRole waiting={role === undefined} />}
    </>
  )
}

function Console({ section, role }: { section: AdminSection; role: ServerRole }) {
  const { client } = useApp()
  const administration = useConstant(() => createAdministration(client))
  const sections = SECTIONS.filter(({ ownersOnly }) => !ownersOnly || role === 'owner')
  return (
    <>
      <Tabs
        label="Administration"
        tabs={sections.map((entry) => ({
          path: adminPath(entry.section),
          name: entry.name,
          current: entry.section === section,
        }))}
      />
      <div class="scroll">
        <div class="page">
          {section === 'reports' && <Reports administration={administration} />}
          {section === 'users' && <Users administration={administration} role={role} />}
          {section === 'rooms' && <Rooms administration={administration} />}
          {section === 'invites' && <Invites administration={administration} />}
          {section === 'audit' && role === 'owner' && <Audit administration={administration} />}
          {section === 'audit' && role !== 'owner' && <p class="muted">The audit log is for owners of the server.</p>}
          {section === 'status' && <Status administration={administration} />}
        </div>
      </div>
    </>
  )
}

function NoRole({ waiting }: { waiting: boolean }) {
  const { serverRole } = useApp()
  return (
    <div class="scroll">
      <div class="page">
        <ResourceNote resource={serverRole} />
        {!waiting && <p class="muted">This part is for those who run this server.</p>}
      </div>
    </div>
  )
}
