/** The rooms of one user. */
import type { RoomInfo, Sync } from '../../protocol/http.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Clock } from './ports.ts'
import { createRoom, type Room } from './room.ts'
import type { Cached, OpenRoom, OutboxEntry, PutOut, RoomSummary } from './snapshot.ts'

export interface Rooms {
  get(room: RoomId): Room | undefined
  all(): Iterable<Room>
  /** False until the first `applySync` or `restore`. */
  isLoaded(): boolean
  /** Everything that the server says: rooms that are not in it are left. Returns the new ones. */
  applySync(sync: Sync): void
  /** One room, member or not. */
  learn(info: RoomInfo): Room
  /** We are no member any more; an open one stays on the screen. */
  leave(room: RoomId, how?: PutOut): void
  /** For good, for rooms that we only looked at. */
  forget(room: RoomId): void
  restore(cached: Cached): void
  summaries(): readonly RoomSummary[]
  open(): ReadonlyMap<RoomId, OpenRoom>
}

export function createRooms(
  me: UserId,
  clock: Clock,
  nameOf: (user: UserId) => string,
  outbox: (room: RoomId) => readonly OutboxEntry[],
  onChange: () => void,
  isBlocked: (user: UserId) => boolean,
): Rooms {
  const rooms = new Map<RoomId, Room>()
  let loaded = false
  let shownSummaries: readonly RoomSummary[] = []
  let shownOpen: ReadonlyMap<RoomId, OpenRoom> = new Map()

  function learn(info: RoomInfo): Room {
    const known = rooms.get(info.id)
    if (known) {
      known.applyInfo(info)
      return known
    }
    const room = createRoom(info, me, clock, onChange, isBlocked)
    rooms.set(info.id, room)
    onChange()
    return room
  }

  function leave(id: RoomId, how?: PutOut): void {
    const room = rooms.get(id)
    if (room?.isOpen()) how ? room.putOut(how) : room.setRole(undefined)
    else forget(id)
  }

  function forget(id: RoomId): void {
    rooms.get(id)?.quiet()
    rooms.delete(id)
    onChange()
  }

  function applySync(sync: Sync): void {
    const mine = new Set(sync.rooms.map(({ id: room }) => room))
    for (const info of sync.rooms) learn(info)
    for (const room of [...rooms.values()]) if (room.isMember() && !mine.has(room.id)) leave(room.id)
    loaded = true
    onChange()
  }

  return {
    get: (room) => rooms.get(room),
    all: () => rooms.values(),
    isLoaded: () => loaded,
    applySync,
    learn,
    leave,
    forget,
    restore({ sync, pages }) {
      applySync(sync)
      for (const { room, page } of pages) rooms.get(room)?.restore(page)
    },
    summaries() {
      const mine = [...rooms.values()].filter((room) => room.isMember())
      const next = mine.map((room) => room.summary(nameOf, outbox(room.id)))
      next.sort((a, b) => b.activeAt - a.activeAt || (a.room < b.room ? -1 : 1))
      const isSame = next.length === shownSummaries.length && next.every((row, at) => row === shownSummaries[at])
      if (!isSame) shownSummaries = next
      return shownSummaries
    },
    open() {
      const next = new Map<RoomId, OpenRoom>()
      for (const room of rooms.values()) {
        if (room.isOpen()) next.set(room.id, room.view(room.summary(nameOf, outbox(room.id)), outbox(room.id)))
      }
      const isSame = next.size === shownOpen.size && [...next].every(([id, view]) => shownOpen.get(id) === view)
      if (!isSame) shownOpen = next
      return shownOpen
    },
  }
}
