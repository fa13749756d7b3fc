/** The rows of deletions and exports. Times are milliseconds since 1970. */
import type { Generated } from 'kysely'
import type { UserId } from '../../protocol/ids.ts'

export type DeletionRow = {
  user_id: UserId
  stand_in: UserId
  messages: 'anonymise' | 'remove'
  began_at: number
  /** Everything but the log is gone. */
  forgotten: Generated<boolean>
  room_id: Generated<string>
  seq: Generated<number>
}

export interface PersonalDataTables {
  deletions: DeletionRow
  taken_names: { hash: string }
  export_tickets: { hash: string; user_id: UserId; expires_at: number }
}
