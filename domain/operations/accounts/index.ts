import type { Operation } from '../operation.ts'
import type { AccountDeps } from './deps.ts'
import { createSessionOperations } from './my-sessions.ts'
import { createTokenOperations } from './my-tokens.ts'
import { createProfileOperations } from './profile.ts'
import { createSignInOperations } from './sign-in.ts'

export type { AccountDeps } from './deps.ts'

/** Accounts, sign-ins and tokens. What ends goes out as the bus note `ended`, and the auth plugin forgets it at once. */
export function createAccountOperations(deps: AccountDeps): Operation[] {
  deps.bus.on('ended', (note) => deps.auth.forget(note))
  return [
    ...createSignInOperations(deps),
    ...createProfileOperations(deps),
    ...createSessionOperations(deps),
    ...createTokenOperations(deps),
  ]
}
