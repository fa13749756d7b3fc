import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Me } from '../../../protocol/http.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import type { ServerRole } from '../../../protocol/server-role.ts'
import type { Clock } from '../../sdk/index.ts'
import type { ReportTarget } from './administration.ts'
import { type Announcer, createAnnouncer } from './announcer.ts'
import type { ChatClient, RoomSummary, Snapshot, User } from './client-types.ts'
import { createConnectionLine } from './connection-line.ts'
import { createDrafts, type Drafts } from './drafts.ts'
import type { Entrance } from './entrance.ts'
import { createInvitations, type Invitations } from './invitations.ts'
import type { KeyValue } from './key-value.ts'
import { createNotices, type Notices } from './notices.ts'
import { createResource, type Resource } from './resource.ts'
import { createRoomModel, type RoomModel } from './room-model.ts'

/** Rooms that stay loaded after they were left, so that going back is instant. */
const KEPT_OPEN = 8

export type Layout = 'compact' | 'medium' | 'wide'

/** What the window looks like, and whether anybody can see it. */
export interface Screen {
  /** One pane at a time, two, or three. */
  layout(): Layout
  /** Somebody is looking: the page is visible and has the focus. */
  watched(): boolean
  subscribe(listener: () => void): () => void
  /** Calls `listener` when the page goes out of sight, perhaps for good. */
  onLeave(listener: () => void): () => void
}

/** Everything views know. Made once, handed down by context. */
export interface App
  extends Omit<
    Entrance,
    | 'describeInvite'
    | 'post'
    | 'provider'
    | 'register'
    | 'signIn'
    | 'giveCode'
    | 'usePasskey'
    | 'startOver'
    | 'secondStep'
  > {
  readonly client: ChatClient
  readonly snapshot: ReadonlySignal<Snapshot>
  readonly me: ReadonlySignal<User | undefined>
  readonly rooms: ReadonlySignal<readonly RoomSummary[]>
  readonly roomsLoaded: ReadonlySignal<boolean>
  readonly connectionLine: ReadonlySignal<string | undefined>
  readonly title: ReadonlySignal<string>
  readonly layout: ReadonlySignal<Layout>
  /** One pane at a time. */
  readonly compact: ReadonlySignal<boolean>
  readonly watched: ReadonlySignal<boolean>
  readonly notices: Notices
  readonly announcer: Announcer
  readonly drafts: Drafts
  readonly invitations: Invitations
  /** My role on the server; null for ordinary users. Asked for by those who show it. */
  readonly serverRole: Resource<ServerRole | null>
  /** What is being reported; set by whoever offers it. */
  /** Whose profile is shown over everything else. */
  readonly person: Signal<UserId | undefined>
  readonly reporting: Signal<ReportTarget | undefined>
  /** Host name, for lines to copy into a terminal. */
  readonly host: string
  /** The model of a room; the same one while the app lives. */
  roomModel(room: RoomId): RoomModel
  /** Commands that would be lost by signing out now. */
  unsent(): number
  signOut(): Promise<void>
}

export type AppDeps = {
  client: ChatClient
  entrance: Entrance
  storage: KeyValue
  screen: Screen
  clock: Clock
  host: string
}

export function createApp({ client, entrance, storage, screen, clock, host }: AppDeps): App {
  const snapshot = signal(client.snapshot())
  client.subscribe(() => {
    snapshot.value = client.snapshot()
  })
  const session = computed(() => snapshot.value.session)
  const me = computed(() => (session.value.kind === 'signed-in' ? session.value.user : undefined))
  const myId = computed((): UserId | undefined => me.value?.id)
  const rooms = computed(() => snapshot.value.rooms)
  const connection = computed(() => snapshot.value.connection)
  const layout = signal(screen.layout())
  const watched = signal(screen.watched())
  screen.subscribe(() => {
    layout.value = screen.layout()
    watched.value = screen.watched()
    if (watched.peek()) client.wake()
  })
  screen.onLeave(() => {
    drafts.flush()
    client.flush()
  })

  const { server, navigation, appearance, passkeys, call } = entrance
  const notices = createNotices(clock)
  const drafts = createDrafts(storage, clock)
  effect(() => drafts.use(myId.value))

  const currentRoom = computed(() => (navigation.route.value.name === 'room' ? navigation.route.value.room : undefined))
  const currentName = computed(() => rooms.value.find((summary) => summary.room === currentRoom.value)?.name)
  const title = computed(() => {
    const urgent = rooms.value.reduce((sum, room) => sum + (room.kind === 'direct' ? room.unread : room.mentions), 0)
    const count = urgent > 0 ? `(${urgent}) ` : ''
    return `${count}${currentName.value === undefined ? '' : `${currentName.value} - `}Tidings`
  })
  const watchedRoom = (): RoomId | undefined => (watched.peek() ? currentRoom.peek() : undefined)

  const models = new Map<RoomId, RoomModel>()
  let opened: RoomId[] = []
  effect(() => {
    const room = currentRoom.value
    if (room === undefined || myId.value === undefined) return
    opened = [room, ...opened.filter((other) => other !== room)]
    for (const old of opened.splice(KEPT_OPEN)) client.closeRoom(old)
  })
  effect(() => {
    if (session.value.kind === 'signed-out') {
      models.clear()
      opened = []
    }
  })

  return {
    client,
    snapshot,
    session,
    server,
    me,
    rooms,
    roomsLoaded: computed(() => snapshot.value.roomsLoaded),
    connectionLine: createConnectionLine(connection, clock),
    title,
    layout,
    compact: computed(() => layout.value === 'compact'),
    watched,
    navigation,
    notices,
    announcer: createAnnouncer(client, snapshot, () => myId.peek(), watchedRoom, clock),
    appearance,
    passkeys,
    call,
    drafts,
    serverRole: createResource(async () => (await client.call<Me>('GET', '/me')).serverRole ?? null),
    person: signal<UserId | undefined>(undefined),
    reporting: signal<ReportTarget | undefined>(undefined),
    invitations: createInvitations({ client, snapshot, notices, navigation }),
    host,
    roomModel(room) {
      let model = models.get(room)
      if (!model) {
        model = createRoomModel(room, { client, snapshot, drafts, notices })
        models.set(room, model)
      }
      return model
    },
    unsent: () => rooms.peek().reduce((sum, room) => sum + room.pending, 0),
    async signOut() {
      drafts.clear()
      await client.signOut()
      navigation.redirect('/signin')
    },
  }
}
