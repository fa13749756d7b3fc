import { sql } from 'kysely'
import type { Transaction } from '../tables.ts'

/** Of the advisory locks, those of invitations. */
const SPACE = 5_601

/** Until the end of the transaction nobody else counts invitations of this name. */
export async function lockForInvites(transaction: Transaction, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${SPACE}, hashtext(${name}))`.execute(transaction)
}
