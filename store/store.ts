import type { Accounts } from './accounts/index.ts'
import type { Administration } from './administration/index.ts'
import type { Archive } from './archive/archive.ts'
import type { Audit } from './audit/audit.ts'
import type { Bans } from './bans/bans.ts'
import type { Cursors } from './cursors/cursors.ts'
import type { Invites } from './invites/invites.ts'
import type { Marks } from './marks/marks.ts'
import type { Members } from './members/members.ts'
import type { People } from './people/people.ts'
import type { PersonalData } from './personal-data/personal-data.ts'
import type { Rooms } from './rooms/rooms.ts'

export type StoreLog = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void

export type StoreOptions = {
  /** `embedded`: our own server, with its files in `directory`. */
  database: { driver: 'embedded'; directory: string } | { driver: 'url'; url: string }
  /** Beside a process that may be running on the same database: what that one does is left to it. */
  beside?: boolean
  log?: StoreLog
  /** Of the installation; by it the names of deleted accounts are recognised. Without it they are not. */
  secretKey?: Uint8Array
  /** Connections for reading and small changes, beside the writer's own; 8 when absent. */
  poolSize?: number
}

/** The database. Every method throws `unavailable` when the server does not answer in time. */
export interface Store {
  readonly archive: Archive
  readonly rooms: Rooms
  readonly members: Members
  readonly bans: Bans
  readonly marks: Marks
  readonly cursors: Cursors
  readonly people: People
  readonly accounts: Accounts
  readonly audit: Audit
  readonly administration: Administration
  readonly invites: Invites
  readonly personalData: PersonalData
  /** Whether the database answers within 2 s. */
  check(): Promise<boolean>
  /** Finishes what is queued, then closes connections and stops the server if it is ours. */
  close(): Promise<void>
}
