/** Names that belonged to deleted accounts: nobody takes one again, and none is written down ([DEL4]). */
import { createHmac } from 'node:crypto'
import type { Kysely } from 'kysely'
import { ChatError } from '../../protocol/errors.ts'
import { isStandIn, type UserId } from '../../protocol/ids.ts'
import type { Database } from '../tables.ts'

/** The keyed hash of a name. */
export type NameTags = (user: UserId) => string

export const createNameTags =
  (secretKey: Uint8Array = new Uint8Array(32)): NameTags =>
  (user) =>
    createHmac('sha256', secretKey).update(`tidings name of a deleted account ${user}`).digest('base64url')

/** Throws `username_taken` for names of deleted accounts and of those who stand in for them. */
export async function refuseTakenName(db: Kysely<Database>, user: UserId, tagName: NameTags): Promise<void> {
  if (isStandIn(user)) throw new ChatError('username_taken')
  const taken = await db.selectFrom('taken_names').select('hash').where('hash', '=', tagName(user)).executeTakeFirst()
  if (taken !== undefined) throw new ChatError('username_taken')
}
