import { mayDo, readableFrom, type Session, type Standing } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import type { HistoryPage } from '../../../protocol/events.ts'
import { type CatchUp, catchUpInput, historyInput } from '../../../protocol/http.ts'
import type { RoomId } from '../../../protocol/ids.ts'
import type { Store } from '../../../store/index.ts'
import type { Access } from '../../access/index.ts'
import type { RoomChanges } from '../rooms/room-changes.ts'
import { defineOperation } from '../table.ts'

/** A page of a room's log ([HIS1]). Who may read nothing of the past gets an empty one. */
export function historyOperation({ store, changes }: { store: Store; changes: RoomChanges }) {
  return defineOperation({
    name: 'history',
    summary: 'A page of the log of a room: after a position, before one, or the last one.',
    input: historyInput,
    access: 'read',
    http: { method: 'GET', path: '/api/messages' },
    mqtt: true,
    async handle({ room, after, before, limit }, { session }): Promise<HistoryPage> {
      const from = readableFrom(await changes.require(session, room, 'read'))
      if (from === Number.POSITIVE_INFINITY) return emptyPage(store, room)
      return store.archive.page({
        room,
        limit,
        from,
        ...(after !== undefined && { after }),
        ...(before !== undefined && { before }),
      })
    },
  })
}

/** What was missed in many rooms ([HIS2]). Rooms that the caller may not read are left out of the answer. */
export function catchUpOperation({ store, access, now }: { store: Store; access: Access; now(): number }) {
  async function readable(session: Session, positions: Record<RoomId, number>) {
    const mine = await store.members.roomsOf(session.user)
    const rooms: { room: RoomId; after: number; from: number }[] = []
    for (const [id, after] of Object.entries(positions)) {
      const room = id as RoomId // the keys of the input are room ids
      const standing: Standing | undefined = mine.get(room) ?? (await access.standing(session.user, room))
      if (!mayDo(session, room, 'read', standing, now()).ok || standing === undefined) continue
      rooms.push({ room, after, from: readableFrom(standing) })
    }
    return rooms
  }

  return defineOperation({
    name: 'catch-up',
    summary: 'What was missed in many rooms. `more` of a room says that there is more to fetch.',
    input: catchUpInput,
    access: 'read',
    http: { method: 'POST', path: '/api/catch-up' },
    mqtt: true,
    async handle({ rooms: positions, limit }, { session }): Promise<CatchUp> {
      const rooms = await readable(session, positions)
      const past = rooms.filter((room) => room.from !== Number.POSITIVE_INFINITY)
      const pages = await store.archive.catchUp(past, limit)
      for (const { room, from } of rooms) {
        if (from === Number.POSITIVE_INFINITY) pages.set(room, await emptyPage(store, room))
      }
      return { rooms: Object.fromEntries(pages) }
    },
  })
}

async function emptyPage(store: Store, id: RoomId): Promise<HistoryPage> {
  const room = await store.rooms.get(id)
  if (room === undefined) throw new ChatError('room_not_found')
  return { messages: [], related: [], head: room.head, epoch: room.epoch, more: false }
}
