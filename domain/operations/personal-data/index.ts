import type { Timers } from '../../time.ts'
import type { Operation } from '../operation.ts'
import { deleteAccountOperation } from './delete-account.ts'
import type { PersonalDataDeps } from './deps.ts'
import { createOpenExport, exportOperation, type OpenExport } from './export.ts'
import { createDeletions, type Deletions } from './run-deletions.ts'

export type { OpenExport } from './export.ts'
export { writeExport } from './write-export.ts'

/** One's own data: to take along, and to have forgotten. Deletions that a stop interrupted go on. */
export function createPersonalData(deps: PersonalDataDeps & { timers: Timers }): {
  operations: Operation[]
  openExport: OpenExport
  deletions: Deletions
} {
  const deletions = createDeletions(deps)
  deletions.wake()
  return {
    operations: [exportOperation(deps), deleteAccountOperation({ ...deps, deletions })],
    openExport: createOpenExport(deps),
    deletions,
  }
}
