import type { Passwords } from '../../../auth-plugin/index.ts'
import { ChatError, refusalError } from '../../../protocol/errors.ts'
import { isUserId, type UserId } from '../../../protocol/ids.ts'
import type { Accounts } from '../../../store/index.ts'
import type { Visitor } from '../table.ts'
import type { AccountDeps } from './deps.ts'

/** `hash`: of the password, made anew where it was not as strong as hashes are now. */
export type ProvenPassword = { user: UserId; hash: string }

/**
 * Resolves when the password is right. Throws `invalid_credentials`, `rate_limited` after too many failures,
 * `unavailable` when too many wait for a hash. As slow for users who do not exist.
 */
export async function provePassword(
  deps: Pick<AccountDeps, 'accounts' | 'auth'>,
  username: string,
  password: string,
  caller: Visitor,
): Promise<string> {
  const { user, hash } = await checkPassword(deps, username, password, caller)
  await deps.auth.loginGuard.succeeded(user, caller, 'reserved')
  return hash
}

/**
 * Like `provePassword`, for who has more to prove: the attempt stays counted as a failure until the login guard is told
 * `succeeded` or `release`.
 */
export async function checkPassword(
  { accounts, auth }: Pick<AccountDeps, 'accounts' | 'auth'>,
  username: string,
  password: string,
  caller: Visitor,
): Promise<ProvenPassword> {
  const { loginGuard, passwords } = auth
  const known = isUserId(username) ? username : undefined
  // Cheap at first, so that a flood does not queue; then again when its turn comes, counted before the long work.
  const early = await loginGuard.check(username, caller)
  if (early !== undefined) throw refusalError(early)
  const hash = known && (await accounts.credentials.passwordHash(known))
  const matches = await passwords.verify(password, hash, async () => {
    const no = await loginGuard.reserve(username, caller)
    if (no !== undefined) throw refusalError(no)
  })
  if (!matches || known === undefined || hash === undefined) throw new ChatError('invalid_credentials')
  const better = passwords.isOutdated(hash) ? await strengthen(accounts, passwords, known, password, hash) : hash
  return { user: known, hash: better }
}

/** At the only time when the password itself is here. Too busy now: at the next sign-in. */
async function strengthen(
  accounts: Accounts,
  passwords: Passwords,
  user: UserId,
  password: string,
  hash: string,
): Promise<string> {
  try {
    const better = await passwords.hash(password)
    await accounts.credentials.rehash(user, hash, better)
    return better
  } catch (error) {
    if (error instanceof ChatError && error.code === 'unavailable') return hash
    throw error
  }
}

/** Whether what was proven a moment ago still holds; another hash may be of the same password. */
export async function isStillPassword(
  { accounts, auth }: Pick<AccountDeps, 'accounts' | 'auth'>,
  user: UserId,
  password: string,
  proven: string,
): Promise<boolean> {
  const present = await accounts.credentials.passwordHash(user)
  return present !== undefined && (present === proven || auth.passwords.verify(password, present))
}
