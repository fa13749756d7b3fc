/** Sign-ins that take more than a password, or none. */
import { isTotpCode } from '../../../auth-plugin/index.ts'
import { ChatError, refusalError } from '../../../protocol/errors.ts'
import {
  finishLoginInput,
  passkeyLoginInput,
  type SecondFactorAsked,
  ticketInput,
} from '../../../protocol/http/second-factor.ts'
import type { SignedIn } from '../../../protocol/http.ts'
import type { UserId } from '../../../protocol/ids.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation, type Visitor } from '../table.ts'
import type { AccountDeps } from './deps.ts'
import { createFailedSignIns } from './failed-sign-ins.ts'
import { openSession } from './open-session.ts'
import type { ProvenPassword } from './prove-password.ts'
import { ownOrigin, proveCode, provePasskey } from './second-factor-proof.ts'

/**
 * After a right password, counted as a failure until now: takes the code, or throws `second_factor_required` with a
 * ticket. A code that is wrong stays counted. Users without a second factor pass.
 */
export async function passSecondFactor(
  deps: AccountDeps,
  proven: ProvenPassword,
  otp: string | undefined,
  caller: Visitor,
): Promise<void> {
  const { accounts, auth, clock } = deps
  const { user, hash } = proven
  const has = await accounts.secondFactor.of(user)
  if (has.totp || has.passkeys > 0) {
    if (otp === undefined) {
      await auth.loginGuard.release(user, caller)
      const methods: SecondFactorAsked['methods'] = [
        ...(has.totp ? (['otp'] as const) : []),
        ...(has.passkeys > 0 ? (['passkey'] as const) : []),
      ]
      const details: SecondFactorAsked = {
        methods,
        ticket: auth.secondFactor.tickets.create(user, hash, clock.now()),
      }
      throw new ChatError('second_factor_required', { details })
    }
    await proveCode(deps, user, otp)
  }
  await auth.loginGuard.succeeded(user, caller, 'reserved')
}

export function createSecondFactorSignIns(deps: AccountDeps): Operation[] {
  const { accounts, audit, auth, clock } = deps
  const failures = createFailedSignIns(audit, () => clock.now())
  const { passkeys, tickets } = auth.secondFactor

  async function readTicket(ticket: string) {
    const read = await tickets.read(ticket, (user) => accounts.credentials.passwordHash(user), clock.now())
    if (read !== undefined) return read
    throw new ChatError('invalid_token', { publicMessage: 'That took too long; sign in again.' })
  }

  async function proveCountedCode(user: UserId, otp: string, caller: Visitor): Promise<void> {
    const no = await auth.loginGuard.reserve(user, caller)
    if (no !== undefined) throw refusalError(no)
    try {
      await proveCode(deps, user, otp)
    } catch (error) {
      if (error instanceof ChatError && error.code === 'invalid_otp') await failures.note(user)
      throw error
    }
    await auth.loginGuard.succeeded(user, caller, 'reserved')
  }

  const finishLogin = defineOperation({
    name: 'finish-login',
    summary: 'The second step of a sign-in: the ticket with a code, a recovery code, or what a passkey has signed',
    input: finishLoginInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/login/second' },
    mqtt: false,
    async handle({ ticket, otp, credential, device }, caller: Visitor): Promise<SignedIn> {
      const read = await readTicket(ticket)
      const user = await accounts.users.get(read.user)
      if (user === undefined) throw new ChatError('invalid_token')
      if (otp !== undefined) await proveCountedCode(user.id, otp, caller)
      else if (credential !== undefined) {
        await provePasskey(deps, credential, caller, user.id)
        await auth.loginGuard.succeeded(user.id, caller)
      }
      if (!(await accounts.secondFactor.spend(read, clock.now()))) throw new ChatError('invalid_token')
      const way = otp === undefined ? 'passkey' : isTotpCode(otp) ? 'code' : 'recovery-code'
      return openSession(deps, user, caller, { device, with: way })
    },
  })

  const secondPasskeyOptions = defineOperation({
    name: 'second-passkey-options',
    summary: 'What to ask a passkey for, as the second step of a sign-in',
    input: ticketInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/login/second/options' },
    mqtt: false,
    async handle({ ticket }, caller: Visitor) {
      const { user } = await readTicket(ticket)
      const mine = await accounts.passkeys.list(user)
      return passkeys.askToSign(ownOrigin(caller), clock.now(), { id: user, passkeys: mine })
    },
  })

  const passkeyLoginOptions = defineOperation({
    name: 'passkey-login-options',
    summary: 'What to ask a passkey for, to sign in with nothing else',
    input: noInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/login/passkey/options' },
    mqtt: false,
    handle: async (_input, caller: Visitor) => passkeys.askToSign(ownOrigin(caller), clock.now()),
  })

  const passkeyLogin = defineOperation({
    name: 'passkey-login',
    summary: 'Sign in with a passkey and nothing else',
    input: passkeyLoginInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/login/passkey' },
    mqtt: false,
    async handle({ credential, device }, caller: Visitor): Promise<SignedIn> {
      const passkey = await provePasskey(deps, credential, caller)
      const user = await accounts.users.get(passkey.user)
      if (user === undefined) throw new ChatError('invalid_credentials')
      await auth.loginGuard.succeeded(user.id, caller)
      return openSession(deps, user, caller, { device, with: 'passkey' })
    },
  })

  return [finishLogin, secondPasskeyOptions, passkeyLoginOptions, passkeyLogin]
}
