import type { Kysely } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import type { UserId } from '../../protocol/ids.ts'
import { violatedConstraint } from '../database-error.ts'
import { type NameTags, refuseTakenName } from '../personal-data/name-tags.ts'
import type { Database } from '../tables.ts'
import type { CredentialRow } from './tables.ts'

type NewCredential = Pick<CredentialRow, 'password_hash' | 'email'> & { email_verified_at: number | null }

/** The rows that every account has. Throws `username_taken`, after which the transaction is of no more use. */
export async function insertUser(
  transaction: Kysely<Database>,
  tagName: NameTags,
  { id, displayName, createdAt }: { id: UserId; displayName: string; createdAt: number },
  credential: NewCredential,
): Promise<void> {
  await refuseTakenName(transaction, id, tagName)
  try {
    await transaction
      .insertInto('users')
      .values({
        id,
        display_name: displayName,
        created_at: createdAt,
        last_seen_at: null,
        status_state: null,
        status_text: null,
      })
      .execute()
  } catch (error) {
    if (violatedConstraint(error) === 'users_pkey') throw new ChatError('username_taken', { cause: error })
    throw error
  }
  await transaction
    .insertInto('credentials')
    .values({ ...credential, user_id: id, changed_at: createdAt })
    .execute()
}
