import { useLayoutEffect, useRef } from 'preact/hooks'
import { newPath, settingsPath } from '../../state/routes.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { lazy } from '../../ui/lazy.tsx'
import { useApp } from '../app-context.tsx'
import { RoomList } from './room-list.tsx'

const InvitationList = lazy(async () => (await import('../invites/invitation-list.tsx')).InvitationList)

/** The list of conversations. `covered`: another pane lies over it; it keeps its place. */
export function ListPane({ covered, isMain }: { covered: boolean; isMain: boolean }) {
  const { me, connectionLine, navigation, snapshot, invitations } = useApp()
  const pane = useRef<HTMLDivElement>(null)
  const user = me.value
  const route = navigation.route.value
  const lastRoom = useRef<string | undefined>(undefined)
  if (route.name === 'room') lastRoom.current = route.room

  // Back in the list of a narrow window: the focus is on the row that was left ([S2]).
  const wasCovered = useRef(covered)
  useLayoutEffect(() => {
    if (wasCovered.current && !covered) {
      pane.current?.querySelector<HTMLElement>(`[data-room="${lastRoom.current}"]`)?.focus({ preventScroll: true })
    }
    wasCovered.current = covered
  }, [covered])

  return (
    <div ref={pane} class="pane pane-list" data-covered={covered} role={isMain ? 'main' : undefined}>
      <nav class="pane" aria-label="Conversations">
        <div class="bar">
          <div class="bar-title">
            <h1>Conversations</h1>
            <div class="room-subtitle" data-kind={connectionLine.value ? 'connection' : 'plain'} role="status">
              {connectionLine.value ?? user?.displayName}
            </div>
          </div>
          <a class="icon-button" href={newPath('browse')} aria-label="Browse rooms" title="Browse rooms">
            <Icon name="compass" />
          </a>
          <a class="icon-button" href={newPath('people')} aria-label="New conversation" title="New conversation">
            <Icon name="plus" />
          </a>
          {user && (
            <a class="icon-button" href={settingsPath('profile')} aria-label="Settings" title="Settings">
              <Avatar id={user.id} name={user.displayName} picture={snapshot.value.users.get(user.id)?.avatar} small />
            </a>
          )}
        </div>
        {snapshot.value.storageFailed && (
          <p class="list-line" role="status">
            This browser keeps nothing. What is not sent is lost when the page closes.
          </p>
        )}
        <div class="scroll">
          {invitations.list.value.length > 0 && <InvitationList />}
          <RoomList />
        </div>
      </nav>
    </div>
  )
}
