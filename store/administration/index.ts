import type { Kysely } from 'kysely'
import type { Database } from '../tables.ts'
import { type AccessChanges, createAccessChanges } from './access-changes.ts'
import { createReports, type Reports } from './reports.ts'
import { createServerOverview, type ServerOverview } from './server-overview.ts'
import { createServerRoles, type ServerRoles } from './server-roles.ts'
import { createSuspensions, type Suspensions } from './suspensions.ts'

export type { AccessChange, AccessChanges } from './access-changes.ts'
export type { NewReport, Reports } from './reports.ts'
export type { ServerCounts, ServerOverview } from './server-overview.ts'
export type { ServerRoles } from './server-roles.ts'
export type { Suspensions } from './suspensions.ts'
export type { AdministrationTables } from './tables.ts'

/** What those who run the server decide about it and see of it. */
export interface Administration {
  readonly roles: ServerRoles
  readonly suspensions: Suspensions
  readonly reports: Reports
  readonly overview: ServerOverview
  readonly accessChanges: AccessChanges
}

export function createAdministration(db: Kysely<Database>): Administration {
  return {
    roles: createServerRoles(db),
    suspensions: createSuspensions(db),
    reports: createReports(db),
    overview: createServerOverview(db),
    accessChanges: createAccessChanges(db),
  }
}
