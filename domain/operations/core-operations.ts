import type { ServerInfo } from '../../protocol/http.ts'
import type { Store } from '../../store/index.ts'
import type { Access } from '../access/index.ts'
import type { Bus } from '../bus/bus.ts'
import type { MessagePath } from '../message-path/index.ts'
import type { PrivacyBoard, ProfileNotices, Sight } from '../people/index.ts'
import type { PresenceBoard } from '../presence/index.ts'
import type { Receipts } from '../receipts/index.ts'
import { createWaiting } from './invites/index.ts'
import { putMemberOperation, removeMemberOperation } from './members/change-members.ts'
import { createLeave, joinOperation, leaveOperation } from './members/join-and-leave.ts'
import { createShowMember, memberOperation, membersOperation, presenceOperation } from './members/show-members.ts'
import { catchUpOperation, historyOperation } from './messages/history.ts'
import { markOperation, sendOperation } from './messages/send.ts'
import { banOperation, bansOperation, unbanOperation } from './moderation/bans.ts'
import { muteOperation, unmuteOperation } from './moderation/mutes.ts'
import type { Operation } from './operation.ts'
import { createPeopleOperations } from './people/index.ts'
import { deleteRoomOperation, updateRoomOperation } from './rooms/change-room.ts'
import { createRoomOperation } from './rooms/create-room.ts'
import { createRoomChanges } from './rooms/room-changes.ts'
import { createShowRoom, roomOperation, roomsOperation } from './rooms/show-room.ts'
import { transferRoomOperation } from './rooms/transfer-room.ts'
import { serverOperation } from './server/server.ts'
import { syncOperation } from './sync/sync.ts'
import { userOperation, usersOperation } from './users/users.ts'

export type CoreDeps = {
  store: Store
  access: Access
  bus: Bus
  presence: PresenceBoard
  privacy: PrivacyBoard
  sight: Sight
  profiles: ProfileNotices
  receipts: Receipts
  messagePath: Pick<MessagePath, 'send'>
  now(): number
  server: ServerInfo
}

/** The operations of rooms, members, messages and users; those of accounts have their own list. */
export function createCoreOperations(deps: CoreDeps): Operation[] {
  const changes = createRoomChanges(deps)
  const showRoom = createShowRoom(deps.store)
  const showMember = createShowMember(deps)
  const rooms = { ...deps, changes, show: showRoom }
  const members = { ...deps, changes, show: showMember }
  const leave = createLeave(rooms)
  return [
    serverOperation(deps),
    usersOperation(deps),
    userOperation(deps),
    ...createPeopleOperations(deps),
    roomsOperation(deps),
    createRoomOperation(rooms),
    roomOperation(rooms),
    updateRoomOperation(rooms),
    deleteRoomOperation(rooms),
    joinOperation(rooms),
    leaveOperation(leave),
    membersOperation(members),
    memberOperation(members),
    putMemberOperation(members),
    removeMemberOperation({ ...members, leave }),
    banOperation(members),
    unbanOperation(members),
    bansOperation(members),
    muteOperation(members),
    unmuteOperation(members),
    transferRoomOperation(members),
    presenceOperation(members),
    historyOperation(members),
    sendOperation(deps),
    markOperation(deps),
    catchUpOperation(deps),
    syncOperation({ ...deps, waiting: createWaiting(deps) }),
  ]
}
