import { ChatError, refusalError } from '../../../protocol/errors.ts'
import { isUserId } from '../../../protocol/ids.ts'
import type { Visitor } from '../table.ts'
import type { AccountDeps } from './deps.ts'

/**
 * Resolves to the hash that the password matched. Throws `invalid_credentials`, `rate_limited` after too many
 * failures, `unavailable` when too many wait for a hash. As slow for users who do not exist.
 */
export async function provePassword(
  { accounts, auth }: Pick<AccountDeps, 'accounts' | 'auth'>,
  username: string,
  password: string,
  caller: Visitor,
): Promise<string> {
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
  await loginGuard.succeeded(known, caller, 'reserved')
  return hash
}
