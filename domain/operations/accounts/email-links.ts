/** The links that are mailed to people: a secret in the address, its hash in the database. */
import { createHash, randomBytes } from 'node:crypto'
import { ChatError } from '../../../protocol/errors.ts'
import type { UserId } from '../../../protocol/ids.ts'
import type { Accounts } from '../../../store/index.ts'
import type { Clock } from '../../time.ts'

export const VERIFICATION_MS = 24 * 3_600_000
export const RESET_MS = 30 * 60_000

/** What links are made with. `origin`: where people reach this server, such as `https://chat.example`. */
export type LinkDeps = { accounts: Pick<Accounts, 'users' | 'actionLinks'>; clock: Clock; origin: () => string }

/** How a link is found in the database */
export const hashOfLink = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** The address of a page that says: this user reads the mailbox `email`. */
export async function createVerificationLink(deps: LinkDeps, user: UserId, email: string): Promise<string> {
  return `${deps.origin()}/verify/${await newLink(deps, { user, purpose: 'verify-email', email }, VERIFICATION_MS)}`
}

/**
 * The address of a page where the user chooses another password, good once and for 30 minutes. For the operator too,
 * where no mail is sent: `createResetLink({ accounts: store.accounts, clock, origin: () => publicUrl }, user)` answers
 * the link to hand over. Nothing of the account changes before the link is used; a link that was made before stays
 * good. Throws `user_not_found`.
 */
export async function createResetLink(deps: LinkDeps, user: UserId, email?: string): Promise<string> {
  if ((await deps.accounts.users.get(user)) === undefined) throw new ChatError('user_not_found')
  const link = { user, purpose: 'reset-password', ...(email !== undefined && { email }) } as const
  return `${deps.origin()}/reset/${await newLink(deps, link, RESET_MS)}`
}

async function newLink(
  { accounts, clock }: LinkDeps,
  link: { user: UserId; purpose: 'verify-email' | 'reset-password'; email?: string },
  lifetimeMs: number,
): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  const createdAt = clock.now()
  await accounts.actionLinks.create({
    ...link,
    hash: hashOfLink(secret),
    createdAt,
    expiresAt: createdAt + lifetimeMs,
  })
  return secret
}
