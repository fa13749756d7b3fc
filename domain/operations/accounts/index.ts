import type { Operation } from '../operation.ts'
import type { AccountDeps } from './deps.ts'
import { createEmailOperations } from './email.ts'
import { createIdentityOperations } from './identities.ts'
import { createSessionOperations } from './my-sessions.ts'
import { createTokenOperations } from './my-tokens.ts'
import { createPasskeyOperations } from './passkeys.ts'
import { createPasswordResetOperations } from './password-reset.ts'
import { createProfileOperations } from './profile.ts'
import { createSecondFactorOperations } from './second-factor.ts'
import { createSecondFactorSignIns } from './second-factor-sign-in.ts'
import { createSignInOperations } from './sign-in.ts'

export { type AccountLetters, createAccountLetters } from './account-letters.ts'
export type { AccountDeps } from './deps.ts'
export { createOidcSignIn, type OidcOutcome, type OidcSignIn } from './oidc-sign-in.ts'

/** Accounts, sign-ins and tokens. What ends goes out as the bus note `ended`, and the auth plugin forgets it at once. */
export function createAccountOperations(deps: AccountDeps): Operation[] {
  deps.bus.on('ended', (note) => deps.auth.forget(note))
  return [
    ...createSignInOperations(deps),
    ...createSecondFactorSignIns(deps),
    ...createProfileOperations(deps),
    ...createEmailOperations(deps),
    ...createPasswordResetOperations(deps),
    ...createSecondFactorOperations(deps),
    ...createPasskeyOperations(deps),
    ...createIdentityOperations(deps),
    ...createSessionOperations(deps),
    ...createTokenOperations(deps),
  ]
}
