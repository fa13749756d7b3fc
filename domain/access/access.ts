/** Who stands where: the memberships of connected users in memory, kept current by notes of the bus ([ACL1], [P6]). */
import type { MembershipLookup, Standing } from '../../auth-plugin/index.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Store } from '../../store/index.ts'
import type { Bus, BusNotes } from '../bus/bus.ts'
import { createRecent, type Recent } from '../recent.ts'

/** Rooms remembered for users who are not members of them, and such users of one room. */
const ROOMS_REMEMBERED = 1_000
const STRANGERS_REMEMBERED = 1_000

/** `roomsOf` loads a user and keeps him until `release`; `standing` alone keeps nothing. */
export interface Access extends MembershipLookup {
  /** Drops what is kept of a user: his last connection has closed. */
  release(user: UserId): void
}

type Entry = {
  /** Absent until loaded. */
  rooms?: Map<RoomId, Standing>
  ready: Promise<Map<RoomId, Standing>>
  /** A note arrived during the load: what is being read may be older than the note. */
  outdated: boolean
  /** Rooms joined a moment ago whose standing is being read; without a promise the reading failed. */
  unsettled: Map<RoomId, Promise<void> | undefined>
}

type AccessStore = {
  members: Pick<Store['members'], 'standing' | 'roomsOf'>
  rooms: Pick<Store['rooms'], 'get'>
}

export function createAccess({ store, bus }: { store: AccessStore; bus: Bus }): Access {
  const users = new Map<UserId, Entry>()
  /** Loaded users by room. */
  const present = new Map<RoomId, Set<UserId>>()
  const strangers = createRecent<RoomId, Recent<UserId, Standing>>(ROOMS_REMEMBERED)
  /** Grows with every note about a room or a stranger: what was read before it is not remembered. */
  let strangerNotes = 0
  /** Rooms whose rules are being read; `again`: a note arrived meanwhile. */
  const refreshing = new Map<RoomId, 'once' | 'again'>()

  bus.on('membership', onMembership)
  bus.on('standing', onStanding)
  bus.on('room', onRoom)

  function load(user: UserId): Entry {
    const entry: Entry = { ready: Promise.resolve(new Map()), outdated: false, unsettled: new Map() }
    entry.ready = read(user, entry)
    users.set(user, entry)
    return entry
  }

  async function read(user: UserId, entry: Entry): Promise<Map<RoomId, Standing>> {
    try {
      let rooms: Map<RoomId, Standing>
      do {
        entry.outdated = false
        rooms = await store.members.roomsOf(user)
      } while (entry.outdated)
      if (users.get(user) !== entry) return rooms
      entry.rooms = rooms
      for (const room of rooms.keys()) index(room, user)
      return rooms
    } catch (error) {
      if (users.get(user) === entry) users.delete(user)
      throw error
    }
  }

  function index(room: RoomId, user: UserId): void {
    const there = present.get(room)
    if (there === undefined) present.set(room, new Set([user]))
    else there.add(user)
  }

  function unindex(room: RoomId, user: UserId): void {
    const there = present.get(room)
    there?.delete(user)
    if (there?.size === 0) present.delete(room)
  }

  function onMembership({ room, user, role }: BusNotes['membership']): void {
    forgetStranger(room, user)
    const entry = users.get(user)
    if (entry === undefined) return
    if (entry.rooms === undefined) {
      entry.outdated = true
      return
    }
    if (role === null) {
      entry.rooms.delete(room)
      entry.unsettled.delete(room)
      unindex(room, user)
      return
    }
    const standing = entry.rooms.get(room)
    if (standing !== undefined && !entry.unsettled.has(room)) entry.rooms.set(room, { ...standing, role })
    else settle(user, entry, room).catch(() => {}) // stays unsettled: whoever asks next reads again
  }

  function onStanding({ room, user }: BusNotes['standing']): void {
    forgetStranger(room, user)
    const entry = users.get(user)
    if (entry?.rooms === undefined) {
      if (entry !== undefined) entry.outdated = true
    } else if (entry.rooms.has(room)) settle(user, entry, room).catch(() => {}) // as above
  }

  function forgetStranger(room: RoomId, user: UserId): void {
    strangerNotes++
    strangers.get(room)?.delete(user)
  }

  /** Reads a standing that the bus announced. A later note makes the reading void. */
  function settle(user: UserId, entry: Entry, room: RoomId): Promise<void> {
    const reading: Promise<void> = store.members.standing(user, room).then(
      (standing) => {
        if (entry.unsettled.get(room) !== reading) return
        entry.unsettled.delete(room)
        if (standing?.role === undefined || users.get(user) !== entry) return
        entry.rooms?.set(room, standing)
        index(room, user)
      },
      (error) => {
        if (entry.unsettled.get(room) === reading) entry.unsettled.set(room, undefined)
        throw error
      },
    )
    entry.unsettled.set(room, reading)
    return reading
  }

  function onRoom({ room, deleted, rules }: BusNotes['room']): void {
    strangerNotes++
    strangers.delete(room)
    const there = present.get(room)
    if (there === undefined) return
    if (deleted === true) {
      present.delete(room)
      for (const user of there) users.get(user)?.rooms?.delete(room)
    } else {
      if (rules !== undefined) applyRules(room, rules)
      refreshRules(room)
    }
  }

  function applyRules(room: RoomId, { settings, archived }: NonNullable<BusNotes['room']['rules']>): void {
    for (const user of present.get(room) ?? []) {
      const rooms = users.get(user)?.rooms
      const standing = rooms?.get(room)
      if (standing === undefined) continue
      const { archived: _before, ...rest } = standing
      rooms?.set(room, { ...rest, settings, ...(archived && { archived }) })
    }
  }

  /** The rules of the room may have changed: read once for all members, however many notes come meanwhile. */
  function refreshRules(room: RoomId): void {
    const busy = refreshing.has(room)
    refreshing.set(room, busy ? 'again' : 'once')
    if (busy) return
    store.rooms
      .get(room)
      .then((found) => {
        if (found !== undefined && refreshing.get(room) === 'once') applyRules(room, found)
      })
      .catch(() => {}) // the old rules hold until the next note
      .finally(() => {
        const again = refreshing.get(room) === 'again'
        refreshing.delete(room)
        if (again) refreshRules(room)
      })
  }

  function known(user: UserId, room: RoomId): Standing | undefined {
    const entry = users.get(user)
    if (entry?.rooms === undefined) return undefined
    if (entry.unsettled.has(room)) return undefined
    return entry.rooms.get(room) ?? strangers.get(room)?.get(user)
  }

  return {
    known,
    async standing(user, room) {
      const entry = users.get(user)
      if (entry !== undefined) {
        await entry.ready
        if (entry.unsettled.has(room)) await (entry.unsettled.get(room) ?? settle(user, entry, room))
        const standing = known(user, room)
        if (standing !== undefined) return standing
      }
      const before = strangerNotes
      const standing = await store.members.standing(user, room)
      if (standing !== undefined && standing.role === undefined && before === strangerNotes) {
        const known = strangers.get(room) ?? createRecent<UserId, Standing>(STRANGERS_REMEMBERED)
        known.set(user, standing)
        strangers.set(room, known)
      }
      return standing
    },
    async roomsOf(user) {
      const entry = users.get(user) ?? load(user)
      const rooms = await entry.ready
      for (const [room, reading] of entry.unsettled) await (reading ?? settle(user, entry, room))
      return rooms
    },
    release(user) {
      for (const room of users.get(user)?.rooms?.keys() ?? []) unindex(room, user)
      users.delete(user)
    },
  }
}
