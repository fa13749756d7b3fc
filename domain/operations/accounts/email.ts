/** The address of an account: given at registration or in the settings, proven by a link that is mailed there. */
import { ChatError, refusalError } from '../../../protocol/errors.ts'
import { type EmailState, setEmailInput, verifyEmailInput } from '../../../protocol/http/email.ts'
import type { UserId } from '../../../protocol/ids.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AccountDeps } from './deps.ts'
import { hashOfLink } from './email-links.ts'
import { normaliseEmail } from './find-user.ts'
import { provePassword } from './prove-password.ts'

export function createEmailOperations(deps: AccountDeps): Operation[] {
  const { accounts, audit, letters, clock } = deps

  const setEmail = defineOperation({
    name: 'set-email',
    summary: 'Change or remove my e-mail address; a new one is used once it is verified',
    input: setEmailInput,
    access: 'session',
    http: { method: 'PUT', path: '/api/me/email' },
    mqtt: false,
    async handle({ email, password }, caller): Promise<EmailState> {
      const { user } = caller.session
      await provePassword(deps, user, password, caller)
      const address = email === null ? null : normaliseEmail(email)
      const before = await accounts.emails.get(user)
      if (before?.address === address && before?.verified) return emailState(before)
      if (address !== null) await mayAsk(user)
      if (before?.address !== (address ?? undefined)) {
        const left = await accounts.emails.set(user, address)
        await audit.append({ at: clock.now(), action: 'email-changed', actor: user })
        if (left?.verified) letters.emailChanged(user, left.address)
      }
      if (address !== null) letters.verification(user, address)
      return emailState(await accounts.emails.get(user))
    },
  })

  const sendVerification = defineOperation({
    name: 'send-email-verification',
    summary: 'Mail me the link again that verifies my address',
    input: noInput,
    access: 'session',
    http: { method: 'POST', path: '/api/me/email/verification', status: 204 },
    mqtt: true,
    async handle(_input, { session: { user } }): Promise<void> {
      const email = await accounts.emails.get(user)
      if (email === undefined || email.verified) {
        throw new ChatError('conflict', { publicMessage: 'There is no address that waits to be verified.' })
      }
      await mayAsk(user)
      letters.verification(user, email.address)
    },
  })

  const verifyEmail = defineOperation({
    name: 'verify-email',
    summary: 'Use a link that was mailed to verify an address',
    input: verifyEmailInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/email/verify' },
    mqtt: false,
    async handle({ token }): Promise<EmailState> {
      const at = clock.now()
      const verified = await accounts.actionLinks.verifyEmail({ hash: hashOfLink(token), at })
      if (verified === undefined) throw new ChatError('invalid_link')
      await audit.append({ at, action: 'email-verified', actor: verified.user })
      return { email: verified.address, emailVerified: true }
    },
  })

  async function mayAsk(user: UserId): Promise<void> {
    const no = await letters.mayAsk(user)
    if (no !== undefined) throw refusalError(no)
  }

  return [setEmail, sendVerification, verifyEmail]
}

/** As `me` tells it to the user himself. */
export const emailState = (email: { address: string; verified: boolean } | undefined): EmailState =>
  email === undefined ? {} : { email: email.address, emailVerified: email.verified }
