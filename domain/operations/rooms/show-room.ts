import { inScope, type Session } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import { listRoomsInput, type RoomInfo, roomInput } from '../../../protocol/http.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import type { Store } from '../../../store/index.ts'
import { defineOperation } from '../table.ts'
import type { RoomChanges } from './room-changes.ts'
import { roomInfo } from './room-info.ts'

/** Public rooms in one answer. */
const PUBLIC_ROOMS = 100

/** A room as a user sees it now. Throws `room_not_found`. */
export type ShowRoom = (room: RoomId, user: UserId) => Promise<RoomInfo>

export function createShowRoom(store: Store): ShowRoom {
  return async (room, user) => {
    const [found, member] = await Promise.all([store.rooms.get(room), store.members.get(room, user)])
    if (found === undefined) throw new ChatError('room_not_found')
    return roomInfo(found, member?.role, member?.mutedUntil)
  }
}

export function roomOperation({ changes, show }: { changes: RoomChanges; show: ShowRoom }) {
  return defineOperation({
    name: 'room',
    summary: 'One room.',
    input: roomInput,
    access: 'read',
    http: { method: 'GET', path: '/api/rooms/:room' },
    mqtt: true,
    async handle({ room }, { session }): Promise<RoomInfo> {
      await changes.require(session, room, 'read')
      return show(room, session.user)
    },
  })
}

export function roomsOperation({ store, now }: { store: Store; now(): number }) {
  async function mine(session: Session, text: string): Promise<RoomInfo[]> {
    const rooms = await store.rooms.overview(session.user)
    const found = text === '' ? rooms : rooms.filter((room) => contains(room.name, text) || contains(room.id, text))
    return found.map((room) => roomInfo(room, room.role, room.mutedUntil))
  }

  async function open(session: Session, text: string): Promise<RoomInfo[]> {
    const query = { user: session.user, limit: PUBLIC_ROOMS, now: now(), ...(text !== '' && { text }) }
    return (await store.rooms.listPublic(query)).map((room) => roomInfo(room, room.role))
  }

  return defineOperation({
    name: 'rooms',
    summary: 'My rooms, or public rooms to browse.',
    input: listRoomsInput,
    access: 'read',
    http: { method: 'GET', path: '/api/rooms' },
    mqtt: true,
    async handle({ scope, q = '' }, { session }): Promise<{ rooms: RoomInfo[] }> {
      const text = q.trim()
      const rooms = await (scope === 'mine' ? mine(session, text) : open(session, text))
      return { rooms: rooms.filter(({ id: room }) => inScope(session, room)) }
    },
  })
}

const contains = (where: string, text: string): boolean => where.toLowerCase().includes(text.toLowerCase())
