import type { AuthPlugin } from '../auth-plugin/index.ts'
import type { RoomState } from '../protocol/events.ts'
import type { ServerInfo } from '../protocol/http.ts'
import type { RoomId, UserId } from '../protocol/ids.ts'
import type { Store } from '../store/index.ts'
import { type Access, createAccess, watchAccess } from './access/index.ts'
import type { Bus } from './bus/bus.ts'
import type { Log } from './log.ts'
import { createMessagePath, type MessagePath } from './message-path/index.ts'
import { createMentionNotices } from './notices/index.ts'
import { createAccountOperations } from './operations/accounts/index.ts'
import { createCoreOperations } from './operations/core-operations.ts'
import { roomState } from './operations/rooms/room-info.ts'
import { createOperationTable, type OperationTable } from './operations/table.ts'
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
  server: ServerInfo
  /** `sendPerSecond`: of one user; 0 = no limit. */
  limits: { sendPerSecond: number }
}

/** What happens in Tidings, whichever door it comes through. */
export interface Domain {
  readonly access: Access
  readonly messagePath: MessagePath
  readonly operations: OperationTable
  readonly presence: PresenceBoard
  readonly receipts: Receipts
  /** What `rooms/{room}/state` shows; `undefined` when there is no such room. */
  roomState(room: RoomId): Promise<RoomState | undefined>
  membersOf(room: RoomId): Promise<UserId[]>
  /** Writes what waits. The doors are closed before, the bus and the store after. */
  close(): Promise<void>
}

export function createDomain(deps: DomainDeps): Domain {
  const { log, clock, timers = systemTimers, store, auth, bus, server, limits } = deps
  const now = () => clock.now()
  // First, so that memberships in memory are right before anybody else hears of a change.
  const access = createAccess({ store, bus })
  const presence = createPresenceBoard({ store: store.accounts.users, bus, clock, timers, log })
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
  const notices = createMentionNotices({ store, bus, log })
  const operations = createOperationTable([
    ...createAccountOperations({ accounts: store.accounts, auth, bus, clock, registration: server.registration }),
    ...createCoreOperations({ store, access, bus, presence, receipts, messagePath, now, server }),
  ])
  messagePath.answerFrom(operations)
  const stopWatching = watchAccess({
    accessChanges: store.administration.accessChanges,
    auth,
    bus,
    timers,
    onError: (error) => log.warn({ err: error }, 'what ended elsewhere could not be read'),
  })

  return {
    access,
    messagePath,
    operations,
    presence,
    receipts,
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
      await Promise.all([receipts.close(), presence.close(), notices.close()])
    },
  }
}
