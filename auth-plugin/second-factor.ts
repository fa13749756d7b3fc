import { createPasskeys, type Passkeys } from './passkeys.ts'
import { createRecoveryCodeMaker, type RecoveryCodeMaker } from './recovery-codes.ts'
import { createSignInTickets, type SignInTickets } from './sign-in-tickets.ts'
import { createTotpCodes, type TotpCodes } from './totp.ts'

/** What proves somebody beside a password, each with a key of its own made from the secret key of the installation. */
export interface SecondFactor {
  readonly totp: TotpCodes
  readonly recoveryCodes: RecoveryCodeMaker
  readonly tickets: SignInTickets
  readonly passkeys: Passkeys
}

export const createSecondFactor = (secretKey: Uint8Array): SecondFactor => ({
  totp: createTotpCodes(secretKey),
  recoveryCodes: createRecoveryCodeMaker(secretKey),
  tickets: createSignInTickets(secretKey),
  passkeys: createPasskeys(secretKey),
})
