import { type AuthPlugin, createCounters, type OidcClient, type OpenCounter } from '../auth-plugin/index.ts'
import type { RoomState } from '../protocol/events.ts'
import type { ServerInfo } from '../protocol/http.ts'
import type { RoomId, UserId } from '../protocol/ids.ts'
import type { Avatar, Store } from '../store/index.ts'
import { type Access, createAccess, watchAccess } from './access/index.ts'
import type { Bus } from './bus/bus.ts'
import { createLiveConnections, type LiveConnections } from './connections/index.ts'
import { createLimits, type LimitSizes } from './limits/index.ts'
import type { Log } from './log.ts'
import { createMailQueue, type MailTransport } from './mail/index.ts'
import { createMessagePath, type MessagePath } from './message-path/index.ts'
import { createMentionNotices } from './notices/index.ts'
import {
  createAccountLetters,
  createAccountOperations,
  createOidcSignIn,
  type OidcSignIn,
} from './operations/accounts/index.ts'
import { createAdministrationOperations, type ServerFigures } from './operations/administration/index.ts'
import { createCoreOperations } from './operations/core-operations.ts'
import { createInvites } from './operations/invites/index.ts'
import { createPersonalData, type OpenExport } from './operations/personal-data/index.ts'
import { createRoomChanges } from './operations/rooms/room-changes.ts'
import { roomState } from './operations/rooms/room-info.ts'
import { createOperationTable, type OperationTable } from './operations/table.ts'
import { createPrivacyBoard, createProfileNotices, createSight, type PrivacyBoard, type Sight } from './people/index.ts'
import { createPresenceBoard, type PresenceBoard } from './presence/index.ts'
import { createReceipts, type Receipts } from './receipts/index.ts'
import { type Clock, systemTimers, type Timers } from './time.ts'

export type DomainDeps = {
  log: Log
  clock: Clock
  /** Those of the process when absent. */
  timers?: Timers
  store: Store
  auth: AuthPlugin
  bus: Bus
  /** What clients may know of this server; decides who may sign up. */
  server: Omit<ServerInfo, 'email'>
  /** The provider that people may sign in with, if there is one. */
  oidc?: OidcClient
  /** Absent: this server sends no mail. */
  mail?: MailTransport
  /** Where people reach this server, such as `https://chat.example`: in links that are mailed. */
  origin?: () => string
  /** `sendPerSecond`: of one user. 0 or absent: no limit. */
  limits: { sendPerSecond: number; wrongInviteCodes?: number } & LimitSizes
  /** Where it is counted; in memory when absent. */
  openCounter?: OpenCounter
  /** What those who run the server see of this process. */
  figures?: ServerFigures
}

/** What happens in Tidings, whichever door it comes through. */
export interface Domain {
  readonly access: Access
  readonly messagePath: MessagePath
  readonly operations: OperationTable
  readonly openExport: OpenExport
  readonly presence: PresenceBoard
  readonly receipts: Receipts
  readonly privacy: PrivacyBoard
  readonly sight: Sight
  /** The broker says who is connected. */
  readonly connections: LiveConnections
  /** Where there is a provider to sign in with. */
  readonly oidc?: OidcSignIn
  /** The picture of an id that somebody gave out. */
  avatar(id: string): Promise<Avatar | undefined>
  /** What `rooms/{room}/state` shows; `undefined` when there is no such room. */
  roomState(room: RoomId): Promise<RoomState | undefined>
  membersOf(room: RoomId): Promise<UserId[]>
  /** Writes what waits. The doors are closed before, the bus and the store after. */
  close(): Promise<void>
}

const NO_FIGURES: ServerFigures = { version: '', startedAt: 0, connections: () => 0, limits: {} }

export function createDomain(deps: DomainDeps): Domain {
  const {
    log,
    clock,
    timers = systemTimers,
    store,
    auth,
    bus,
    server,
    limits,
    origin = () => 'http://localhost',
  } = deps
  const now = () => clock.now()
  const openCounter = deps.openCounter ?? createCounters()
  // First, so that memberships in memory are right before anybody else hears of a change.
  const access = createAccess({ store, bus })
  const presence = createPresenceBoard({ store: store.accounts.users, bus, clock, timers, log })
  const privacy = createPrivacyBoard({ people: store.people, bus })
  const sight = createSight({ privacy, people: store.people, presence })
  const profiles = createProfileNotices({ bus, timers })
  const receipts = createReceipts({ store, access, bus, now, timers, log })
  const messagePath = createMessagePath({
    archive: store.archive,
    access,
    bus,
    now,
    timers,
    sendPerSecond: limits.sendPerSecond,
    receipts,
    presence,
    onExpiryError: (error) => log.warn({ err: error }, 'messages whose time is over could not be deleted'),
    onBug: (error) => log.error({ err: error }, 'a command failed'),
  })
  const mail = createMailQueue({ transport: deps.mail, timers, log })
  const notices = createMentionNotices({ store, privacy, bus, log })
  const invites = createInvites({
    store,
    access,
    codes: auth.inviteCodes,
    bus,
    now,
    registration: server.registration,
    origin,
    requireReach: (by, user) => sight.requireReach(by, [user]),
    guessing: {
      ...(limits.wrongInviteCodes !== undefined && { perMinute: limits.wrongInviteCodes }),
      openCounter,
    },
  })
  const personal = createPersonalData({ store, auth, bus, clock, log, timers })
  const connections = createLiveConnections()
  const oidcDeps = { accounts: store.accounts, auth, clock, audit: store.audit, admitStranger: invites.admitStranger }
  const operations = createOperationTable(
    [
      ...personal.operations,
      ...createAccountOperations({
        accounts: store.accounts,
        auth,
        bus,
        clock,
        profiles,
        audit: store.audit,
        roles: store.administration.roles,
        letters: createAccountLetters({ accounts: store.accounts, clock, mail, origin }),
        connections,
        admitStranger: invites.admitStranger,
      }),
      ...invites.operations,
      ...createCoreOperations({
        store,
        access,
        bus,
        presence,
        privacy,
        sight,
        profiles,
        receipts,
        messagePath,
        now,
        server: { ...server, email: mail.enabled },
      }),
      ...createAdministrationOperations({
        store,
        auth,
        bus,
        access,
        changes: createRoomChanges({ store, access, now }),
        now,
        figures: deps.figures ?? NO_FIGURES,
      }),
    ],
    createLimits(limits, openCounter),
  )
  messagePath.answerFrom(operations)
  const stopWatching = watchAccess({
    accessChanges: store.administration.accessChanges,
    auth,
    bus,
    timers,
    onError: (error) => log.warn({ err: error }, 'what ended elsewhere could not be read'),
  })

  return {
    ...(deps.oidc !== undefined && { oidc: createOidcSignIn(oidcDeps, deps.oidc) }),
    connections,
    openExport: personal.openExport,
    access,
    messagePath,
    operations,
    presence,
    receipts,
    privacy,
    sight,
    avatar: (id) => store.accounts.avatars.get(id),
    async roomState(id) {
      const room = await store.rooms.get(id)
      return room && roomState(room)
    },
    async membersOf(room) {
      return (await store.members.list(room)).map((member) => member.user)
    },
    async close() {
      stopWatching()
      messagePath.close()
      profiles.close()
      await Promise.all([personal.deletions.close(), mail.close(), receipts.close(), presence.close(), notices.close()])
    },
  }
}
