import { isDeepStrictEqual } from 'node:util'
import type * as z from 'zod/mini'
import type { RoomAction } from '../../../auth-plugin/index.ts'
import type { RoomChanges as Changes, Role } from '../../../protocol/events.ts'
import { type RoomInfo, roomInput, updateRoomInput } from '../../../protocol/http.ts'
import type { UserId } from '../../../protocol/ids.ts'
import type { RoomPermissions, RoomSettings } from '../../../protocol/room-settings.ts'
import type { Room, Store } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'
import { defineOperation } from '../table.ts'
import type { RoomChanges } from './room-changes.ts'
import { cleanLine } from './room-info.ts'
import type { ShowRoom } from './show-room.ts'

type Wanted = Omit<z.output<typeof updateRoomInput>, 'room'>

/** Changes name, topic line, settings, or whether the room is archived ([ROOM5]); what is so already is no event. */
export function updateRoomOperation(deps: { store: Store; bus: Bus; changes: RoomChanges; show: ShowRoom }) {
  const { store, bus, changes, show } = deps
  return defineOperation({
    name: 'update-room',
    summary: 'Change the name, the topic line or the settings of a room; archive it or bring it back.',
    input: updateRoomInput,
    access: 'write',
    http: { method: 'PATCH', path: '/api/rooms/:room' },
    mqtt: true,
    async handle({ room, ...wanted }, { session }): Promise<RoomInfo> {
      const needed = actionsFor(wanted)
      for (const action of needed) await changes.require(session, room, action)
      let changed: Pick<Room, 'settings' | 'archived'> | undefined
      await changes.change(session, room, async (change) => {
        for (const action of needed) change.require(action)
        const differences = difference(change.room, wanted)
        if (Object.keys(differences).length === 0) return []
        const { settings = change.room.settings, archived = change.room.archived === true } = differences
        changed = { settings, ...(archived && { archived }) }
        await store.rooms.patch(change.transaction, room, differences, change.at)
        return [{ type: 'changed', from: session.user, at: change.at, changes: differences }]
      })
      if (changed !== undefined) bus.emit('room', { room, rules: changed })
      return show(room, session.user)
    },
  })
}

/** What one must be allowed for the changes that are asked for. */
function actionsFor({ name, topicLine, settings, archived }: Wanted): RoomAction[] {
  const { permissions, ...rules } = settings ?? {}
  const actions: RoomAction[] = []
  if (archived !== undefined) actions.push('archive')
  if (name !== undefined || topicLine !== undefined) actions.push('rename')
  if (permissions !== undefined) actions.push('change-permissions')
  if (actions.length === 0 || Object.values(rules).some((rule) => rule !== undefined)) actions.push('change-room')
  return actions
}

/** Deletes a room: live subscriptions of everybody fall silent ([ROOM6], [P6]). */
export function deleteRoomOperation(deps: { store: Store; bus: Bus; changes: RoomChanges }) {
  const { store, bus, changes } = deps
  return defineOperation({
    name: 'delete-room',
    summary: 'Delete a room and its log for everybody.',
    input: roomInput,
    access: 'write',
    http: { method: 'DELETE', path: '/api/rooms/:room', status: 204 },
    mqtt: true,
    async handle({ room }, { session }): Promise<void> {
      const me = session.user
      await changes.require(session, room, 'delete-room')
      let members: UserId[] = []
      let at = 0
      await changes.change(session, room, async (change) => {
        change.require('delete-room')
        at = change.at
        members = (await store.members.list(room, {}, change.transaction)).map((member) => member.user)
        await store.rooms.remove(change.transaction, room, change.at)
        return []
      })
      bus.emit('room', { room, deleted: true })
      for (const user of members) bus.emit('membership', { room, user, role: null })
      for (const user of members) {
        if (user !== me) bus.emit('inbox', { user, notice: { type: 'removed', room, by: me } })
      }
      await store.audit.append({ at, action: 'room-deleted', actor: me, room, details: { members: members.length } })
    },
  })
}

function difference(room: Room, wanted: Wanted): Changes {
  const name = wanted.name === undefined ? room.name : cleanLine(wanted.name)
  const topicLine = wanted.topicLine === undefined ? room.topicLine : cleanLine(wanted.topicLine)
  const settings = merge(room.settings, wanted.settings ?? {})
  const { archived = room.archived === true } = wanted
  return {
    ...(name !== room.name && { name }),
    ...(topicLine !== room.topicLine && { topicLine }),
    ...(!isDeepStrictEqual(settings, room.settings) && { settings }),
    ...(archived !== (room.archived === true) && { archived }),
  }
}

function merge(settings: RoomSettings, { permissions, ...rules }: NonNullable<Wanted['settings']>): RoomSettings {
  const { history, slowMode, joinRequests } = settings
  return {
    history: rules.history ?? history,
    permissions: { ...settings.permissions, ...given(permissions ?? {}) },
    slowMode: rules.slowMode ?? slowMode,
    joinRequests: rules.joinRequests ?? joinRequests,
  }
}

/** The fields that have a value. */
const given = (fields: { [Name in keyof RoomPermissions]?: Role | undefined }): Partial<RoomPermissions> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
