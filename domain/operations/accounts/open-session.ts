import type { SignIn } from '../../../auth-plugin/index.ts'
import type { SignedIn, User } from '../../../protocol/http.ts'
import type { Visitor } from '../table.ts'
import type { AccountDeps } from './deps.ts'

/** Signs in somebody who has proven who he is, in every way that is asked of him. */
export async function openSession(
  { audit, auth, clock }: Pick<AccountDeps, 'audit' | 'auth' | 'clock'>,
  user: User,
  caller: Visitor,
  sign: { device: string | undefined; with: 'code' | 'recovery-code' | 'passkey' | 'provider' },
): Promise<SignedIn> {
  const signIn = await auth.signIn(user.id, placeOf(caller, sign.device))
  await audit.append({ at: clock.now(), action: 'signed-in', actor: user.id, details: { with: sign.with } })
  return signedIn(user, signIn)
}

/** The answer to who signed in. */
export const signedIn = ({ id, displayName }: User, { accessToken, expiresIn, refreshToken }: SignIn): SignedIn => ({
  user: { id, displayName },
  accessToken,
  expiresIn,
  refreshToken,
})

/** Where a sign-in comes from. */
export const placeOf = ({ address, browser }: Visitor, device: string | undefined) => ({
  ...(address !== undefined && { address }),
  ...(browser !== undefined && { browser }),
  ...(device !== undefined && { device }),
})
