import { useEffect } from 'preact/hooks'
import type { RoomId } from '../../../protocol/ids.ts'
import type { Route } from '../state/routes.ts'
import { lazy } from '../ui/lazy.tsx'
import { useApp } from './app-context.tsx'
import { ListPane } from './list/list-pane.tsx'
import { RoomPane } from './room/room-pane.tsx'

const Admin = lazy(() => import('./admin/admin-pane.tsx').then((module) => module.AdminPane))
const Details = lazy(() => import('./details/details-pane.tsx').then((module) => module.DetailsPane))
const Invite = lazy(() => import('./invites/invite-page.tsx').then((module) => module.InvitePage))
const Person = lazy(() => import('./people/profile-card.tsx').then((module) => module.ProfileCard))
const New = lazy(() => import('./new/new-pane.tsx').then((module) => module.NewPane))
const Report = lazy(() => import('./report/report-dialog.tsx').then((module) => module.ReportDialog))
const Settings = lazy(() => import('./settings/settings-pane.tsx').then((module) => module.SettingsPane))

/** The panes: the list, what is open beside it, and details at the side; one at a time in a narrow window. */
export function Shell() {
  const { navigation, compact, layout, person, reporting } = useApp()
  const route = navigation.route.value
  const atDoor = isDoor(route)
  useEffect(() => {
    // Asked once more: somebody else may have led on since this was drawn.
    if (atDoor && isDoor(navigation.route.peek())) navigation.redirect('/')
  }, [atDoor, navigation])

  const atList = route.name === 'rooms' || atDoor
  const side = route.name === 'room' && route.details
  return (
    <div class="shell" data-side={side ? 'open' : 'closed'}>
      <ListPane covered={compact.value && !atList} isMain={compact.value && atList} />
      {!(compact.value && atList) && (
        <main class="pane pane-room" data-covered={side}>
          {route.name === 'room' && <RoomPane key={route.room} room={route.room} />}
          {route.name === 'invite' && <Invite key={route.code} code={route.code} atOnce={route.step !== undefined} />}
          {route.name === 'new' && <New section={route.section} />}
          {route.name === 'settings' && <Settings section={route.section} />}
          {route.name === 'admin' && <Admin section={route.section} />}
          {atList && <Welcome />}
          {route.name === 'unknown' && <NotFound />}
        </main>
      )}
      {person.value && <Person key={person.value} user={person.value} />}
      {reporting.value && <Report target={reporting.value} />}
      {side && <Side room={route.room} wide={layout.value === 'wide'} />}
    </div>
  )
}

const isDoor = ({ name }: Route): boolean =>
  name === 'sign-in' || name === 'sign-up' || name === 'forgot' || name === 'goodbye'

/** Beside the room where there is space, else over it. */
function Side({ room, wide }: { room: RoomId; wide: boolean }) {
  const Pane = wide ? 'aside' : 'main'
  return (
    <Pane class="pane pane-side" aria-label="Room details">
      <Details key={room} room={room} />
    </Pane>
  )
}

function Welcome() {
  const { rooms } = useApp()
  return (
    <div class="empty">
      <h2>{rooms.value.length > 0 ? 'Choose a conversation' : 'Welcome to Tidings'}</h2>
      <p>
        {rooms.value.length > 0
          ? 'Or begin a new one.'
          : 'Find people to write to, make a room of your own, or join one that is open to everybody.'}
      </p>
      <div class="button-row">
        <a class="button button-primary" href="/new/people">
          New conversation
        </a>
        <a class="button" href="/new/browse">
          Browse rooms
        </a>
      </div>
    </div>
  )
}

function NotFound() {
  const { compact } = useApp()
  const Heading = compact.value ? 'h1' : 'h2'
  return (
    <div class="empty">
      <Heading>There is nothing here</Heading>
      <p>The address may be mistyped, or what it named is gone.</p>
      <a class="button" href="/">
        To your conversations
      </a>
    </div>
  )
}
