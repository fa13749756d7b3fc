import type { Kysely } from 'kysely'
import type { Database } from '../tables.ts'
import { type AccessChanges, createAccessChanges } from './access-changes.ts'
import { createReports, type Reports } from './reports.ts'
import { createServerOverview, type ServerOverview } from './server-overview.ts'
import { createServerRoles, type ServerRoles } from './server-roles.ts'

export type { AccessChange, AccessChanges } from './access-changes.ts'
export type { NewReport, Reports } from './reports.ts'
export type { ServerCounts, ServerOverview } from './server-overview.ts'
export type { ServerRoles } from './server-roles.ts'
export type { Suspensions } from './suspensions.ts'
export type { AdministrationTables } from './tables.ts'

/** What those who run the server decide about it and see of it; suspensions are among the accounts. */
export interface Administration {
  readonly roles: ServerRoles
  readonly reports: Reports
  readonly overview: ServerOverview
  readonly accessChanges: AccessChanges
}

export function createAdministration(db: Kysely<Database>): Administration {
  return {
    roles: createServerRoles(db),
    reports: createReports(db),
    overview: createServerOverview(db),
    accessChanges: createAccessChanges(db),
  }
}
