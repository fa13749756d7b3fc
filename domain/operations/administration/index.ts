import type { Operation } from '../operation.ts'
import { createAdministrationActs } from './administration-acts.ts'
import type { AdministrationDeps } from './deps.ts'
import { createPeopleOperations } from './people.ts'
import { createReportQueueOperations } from './report-queue.ts'
import { createReportOperations } from './reports.ts'
import { createRequireServerRole } from './require-server-role.ts'
import { createServerStatusOperations } from './server-status.ts'

export { type AdministrationActs, createAdministrationActs } from './administration-acts.ts'
export type { AdministrationDeps, ServerFigures } from './deps.ts'
export { createRequireServerRole, type RequireServerRole } from './require-server-role.ts'

/** Reports of members, and what those who run the server do about them. */
export function createAdministrationOperations(deps: AdministrationDeps): Operation[] {
  const require = createRequireServerRole(deps.store.administration.roles)
  const acts = createAdministrationActs(deps)
  return [
    ...createReportOperations(deps),
    ...createReportQueueOperations(deps, require),
    ...createPeopleOperations(deps, require, acts),
    ...createServerStatusOperations(deps, require),
  ]
}
