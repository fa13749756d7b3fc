export type { Accounts, Avatar, PasskeyEntry } from './accounts/index.ts'
export type {
  AccessChange,
  Administration,
  NewReport,
  ServerCounts,
} from './administration/index.ts'
export type { Append, Appended, Archive, ArchivedEvent } from './archive/archive.ts'
export type { Audit } from './audit/audit.ts'
export type { BanEntry, Bans } from './bans/bans.ts'
export type { Cursor, Cursors } from './cursors/cursors.ts'
export type { InviteEntry, Invites } from './invites/index.ts'
export type { Counts, MarkAdvance, Marks } from './marks/marks.ts'
export type { MemberEntry, Members, Standing } from './members/members.ts'
export { openStore } from './open-store.ts'
export type { BlockEntry, ContactEntry, People, PersonRules } from './people/people.ts'
export type { Deletion, LogEntry, Obstacles, PersonalData } from './personal-data/personal-data.ts'
export type { NewRoom, Room, RoomOverview, Rooms } from './rooms/rooms.ts'
export type { Store, StoreLog, StoreOptions } from './store.ts'
export type { Database, Transaction } from './tables.ts'
