import type { AuditAction, AuditEntry, AuditRecord } from '../../protocol/audit.ts'
import type { UserId } from '../../protocol/ids.ts'

/** The acts that somebody may have to answer for. Append only; who deletes his account becomes nameless in it. */
export interface Audit {
  append(entry: AuditEntry): Promise<void>
  /** Newest first; `before`: the id of the last one of the page before. `about`: acts by or on this user. */
  list(query: { before?: number; limit: number; action?: AuditAction; about?: UserId }): Promise<AuditRecord[]>
}
