/** How people prove themselves beside the password, or once more. */
import { isTotpCode, type SignedAnswer } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import type { UserId } from '../../../protocol/ids.ts'
import type { PasskeyEntry } from '../../../store/index.ts'
import type { Caller } from '../operation.ts'
import type { Visitor } from '../table.ts'
import type { AccountDeps } from './deps.ts'
import { provePassword } from './prove-password.ts'

type Deps = Pick<AccountDeps, 'accounts' | 'audit' | 'auth' | 'clock'>

const FRESH_MS = 10 * 60_000

/**
 * Takes a code of an app, or a recovery code, which is spent with it. Throws `invalid_otp`, or `rate_limited` when too
 * many were wrong. The login guard is the caller's matter; codes of an app have a limit of their own beside it, because
 * they are short.
 */
export async function proveCode(deps: Deps, user: UserId, code: string): Promise<void> {
  return isTotpCode(code) ? proveTotp(deps, user, code) : proveRecoveryCode(deps, user, code)
}

async function proveTotp({ accounts, auth, clock }: Deps, user: UserId, code: string): Promise<void> {
  const at = clock.now()
  const attempt = await accounts.totp.attempt(user, at)
  if (attempt === undefined) throw new ChatError('invalid_otp')
  if ('waitMs' in attempt) throw new ChatError('rate_limited', { retryAfterMs: attempt.waitMs })
  const step = auth.secondFactor.totp.stepOf(user, attempt.secret, code, at)
  if (step === undefined || !(await accounts.totp.accept(user, step))) throw new ChatError('invalid_otp')
}

async function proveRecoveryCode({ accounts, audit, auth, clock }: Deps, user: UserId, code: string): Promise<void> {
  const hash = auth.secondFactor.recoveryCodes.hash(user, code)
  if (hash === undefined || !(await accounts.recoveryCodes.use(user, hash))) throw new ChatError('invalid_otp')
  const left = await accounts.recoveryCodes.left(user)
  await audit.append({ at: clock.now(), action: 'recovery-code-used', actor: user, subject: user, details: { left } })
}

/**
 * Takes what a passkey has signed and answers whose it is. `of`: the user whose second factor it is; absent: it stands
 * alone. Throws `invalid_credentials`. Nobody waits for the failures of others here: a signature is not guessed.
 */
export async function provePasskey(
  { accounts, auth, clock }: Deps,
  answer: SignedAnswer,
  caller: Visitor,
  of?: UserId,
): Promise<PasskeyEntry> {
  const at = clock.now()
  const origin = ownOrigin(caller)
  const no = () => new ChatError('invalid_credentials', { publicMessage: 'The passkey was not accepted.' })
  const passkey = await accounts.passkeys.find(answer.id)
  if (passkey === undefined || (of !== undefined && passkey.user !== of)) throw no()
  const use = of === undefined ? 'sign-in' : 'second-factor'
  const signed = await auth.secondFactor.passkeys.checkSigned(use, origin, answer, passkey, at)
  if (signed === undefined || !(await accounts.secondFactor.spend(signed.proof, at))) throw no()
  if (!(await accounts.passkeys.used(passkey.id, { counter: signed.counter, at }))) throw no()
  return passkey
}

/** The origin that passkeys are for. Throws `forbidden` when the page that asks is not ours. */
export function ownOrigin({ origin }: Visitor): string {
  if (origin !== undefined) return origin
  throw new ChatError('forbidden', { publicMessage: 'Passkeys work on the pages of this server only.' })
}

/**
 * For what must not be done by somebody who merely found an open session: the password, or a sign-in of the last ten
 * minutes. Throws what `provePassword` throws.
 */
export async function proveAgain(
  deps: Deps,
  password: string | undefined,
  { session, ...caller }: Caller,
): Promise<void> {
  if (password !== undefined) {
    await provePassword(deps, session.user, password, caller)
    return
  }
  const own = await deps.accounts.sessions.find(session.credential.id)
  if (own === undefined || deps.clock.now() - own.createdAt > FRESH_MS) throw passwordNeeded()
}

/** For what takes the password of everybody who has one, however fresh the sign-in is. Throws as `proveAgain` does. */
export async function provePasswordOrSignIn(deps: Deps, password: string | undefined, caller: Caller): Promise<void> {
  const hash = await deps.accounts.credentials.passwordHash(caller.session.user)
  if (hash !== undefined && password === undefined) throw passwordNeeded()
  await proveAgain(deps, password, caller)
}

const passwordNeeded = (): ChatError =>
  new ChatError('invalid_credentials', {
    publicMessage: 'Give your password, or sign in anew.',
    details: { needed: 'password' },
  })
