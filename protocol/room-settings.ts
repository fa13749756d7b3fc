/** What the owners of a room decide about it (SPEC.md, SET1-SET4). */
export type Role = 'owner' | 'admin' | 'member' | 'reader'
export type RoomKind = 'public' | 'private' | 'direct'
/** What a member may read of the past. */
export type HistoryRule = 'all' | 'since_joining'

/** The least role that may do a thing in a room. `deleteOthers`: delete messages of others. */
export type RoomPermissions = { write: Role; invite: Role; rename: Role; pin: Role; deleteOthers: Role }

export type RoomSettings = {
  history: HistoryRule
  permissions: RoomPermissions
  /** Seconds that a member (not an admin) waits between two messages; 0: none. */
  slowMode: number
  /** A private room: whether strangers who know its id may ask to be let in. */
  joinRequests: boolean
}

/** Until when a member does not write, in ms since 1970; `{}`: without end. */
export type Mute = { until?: number }

/** What is stored: a room made by an older release, or with the defaults, has only a part. */
export type StoredSettings = Partial<Omit<RoomSettings, 'permissions'>> & { permissions?: Partial<RoomPermissions> }

/** The settings of a new room. In a direct room both talk and pin, neither rules. */
export function defaultSettings(kind: RoomKind): RoomSettings {
  const permissions: RoomPermissions = {
    write: 'member',
    invite: kind === 'public' ? 'member' : 'admin',
    rename: 'admin',
    pin: kind === 'direct' ? 'member' : 'admin',
    deleteOthers: 'admin',
  }
  return { history: 'all', permissions, slowMode: 0, joinRequests: false }
}

/** Stored settings with the defaults of the kind for what is absent. */
export function completeSettings(kind: RoomKind, stored: StoredSettings): RoomSettings {
  const all = defaultSettings(kind)
  return { ...all, ...stored, permissions: { ...all.permissions, ...stored.permissions } }
}
