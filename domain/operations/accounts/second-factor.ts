/** Operations on one's own second factor: the authenticator app and the recovery codes. */
import { ChatError } from '../../../protocol/errors.ts'
import {
  confirmTotpInput,
  type NewRecoveryCodes,
  type NewTotp,
  proofInput,
  removeTotpInput,
  type SecondFactorInfo,
} from '../../../protocol/http/second-factor.ts'
import type { UserId } from '../../../protocol/ids.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AccountDeps } from './deps.ts'
import { proveAgain, proveCode, provePasswordOrSignIn } from './second-factor-proof.ts'

/** Who does not give the first code within this time begins anew. */
const CONFIRM_WITHIN_MS = 15 * 60_000

export function createSecondFactorOperations(deps: AccountDeps): Operation[] {
  const { accounts, audit, auth, clock } = deps
  const { totp, recoveryCodes } = auth.secondFactor

  const show = defineOperation({
    name: 'second-factor',
    summary: 'What I prove myself with beside my password',
    input: noInput,
    access: 'session',
    http: { method: 'GET', path: '/api/me/second-factor' },
    mqtt: true,
    handle: async (_input, { session }): Promise<SecondFactorInfo> => accounts.secondFactor.of(session.user),
  })

  const begin = defineOperation({
    name: 'begin-totp',
    summary: 'A secret for an authenticator app; it counts when a code has confirmed it',
    input: proofInput,
    access: 'session',
    http: { method: 'POST', path: '/api/me/second-factor/totp' },
    mqtt: false,
    async handle({ password }, caller): Promise<NewTotp> {
      const { user } = caller.session
      await proveAgain(deps, password, caller)
      const host = caller.origin === undefined ? '' : new URL(caller.origin).hostname
      const { sealed, ...shown } = totp.create(user, host)
      if (await accounts.totp.begin(user, sealed, clock.now())) return shown
      throw new ChatError('conflict', { publicMessage: 'There is an authenticator app already; remove it first.' })
    },
  })

  const confirm = defineOperation({
    name: 'confirm-totp',
    summary: 'The first code of the app turns two-factor sign-in on; the answer has the recovery codes, this once',
    input: confirmTotpInput,
    access: 'session',
    http: { method: 'POST', path: '/api/me/second-factor/totp/confirm' },
    mqtt: false,
    async handle({ otp }, { session: { user } }): Promise<NewRecoveryCodes> {
      const at = clock.now()
      const begun = await accounts.totp.find(user)
      if (begun === undefined || begun.confirmedAt !== null || at - begun.createdAt > CONFIRM_WITHIN_MS) {
        throw new ChatError('conflict', { publicMessage: 'There is nothing to confirm; begin anew.' })
      }
      const step = totp.stepOf(user, begun.secret, otp, at)
      if (step === undefined) throw new ChatError('invalid_otp')
      if (!(await accounts.totp.confirm(user, { secret: begun.secret, step, at }))) throw new ChatError('conflict')
      await audit.append({ at, action: 'second-factor-added', actor: user, subject: user, details: { kind: 'totp' } })
      return makeCodes(user)
    },
  })

  const remove = defineOperation({
    name: 'remove-totp',
    summary: 'Forget the authenticator app; takes the password and a code',
    input: removeTotpInput,
    access: 'session',
    http: { method: 'POST', path: '/api/me/second-factor/totp/remove', status: 204 },
    mqtt: false,
    async handle({ password, otp }, caller): Promise<void> {
      const { user } = caller.session
      await provePasswordOrSignIn(deps, password, caller)
      await proveCode(deps, user, otp)
      if (!(await accounts.totp.remove(user))) throw new ChatError('not_found')
      await accounts.secondFactor.dropIdleCodes(user)
      const details = { kind: 'totp' }
      await audit.append({ at: clock.now(), action: 'second-factor-removed', actor: user, subject: user, details })
    },
  })

  const newCodes = defineOperation({
    name: 'new-recovery-codes',
    summary: 'Ten new recovery codes, shown this once; the old ones end',
    input: proofInput,
    access: 'session',
    http: { method: 'POST', path: '/api/me/second-factor/recovery-codes' },
    mqtt: false,
    async handle({ password }, caller): Promise<NewRecoveryCodes> {
      const { user } = caller.session
      await proveAgain(deps, password, caller)
      const { totp: hasApp, passkeys } = await accounts.secondFactor.of(user)
      if (!hasApp && passkeys === 0) {
        throw new ChatError('conflict', { publicMessage: 'Recovery codes are for those who have a second factor.' })
      }
      const made = await makeCodes(user)
      await audit.append({ at: clock.now(), action: 'recovery-codes-made', actor: user, subject: user })
      return made
    },
  })

  async function makeCodes(user: UserId): Promise<NewRecoveryCodes> {
    const { codes, hashes } = recoveryCodes.create(user)
    await accounts.recoveryCodes.replace(user, hashes)
    return { recoveryCodes: codes }
  }

  return [show, begin, confirm, remove, newCodes]
}
