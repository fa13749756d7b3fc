/** A forgotten password, replaced with the help of a link: mailed here, or handed over by the operator. */
import { ChatError, refusalError } from '../../../protocol/errors.ts'
import { finishPasswordResetInput, passwordResetInput } from '../../../protocol/http/email.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AccountDeps } from './deps.ts'
import { hashOfLink } from './email-links.ts'
import { findUser, namesOf } from './find-user.ts'

export function createPasswordResetOperations(deps: AccountDeps): Operation[] {
  const { accounts, audit, auth, bus, letters, clock } = deps

  const ask = defineOperation({
    name: 'ask-password-reset',
    summary: 'Mail a link to the verified address of an account; the answer is the same when there is none',
    input: passwordResetInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/password-reset', status: 204 },
    mqtt: false,
    limit: 'passwordResets',
    async handle({ email, username = email ?? '' }): Promise<void> {
      // All of it after the answer, which so takes the same time for everybody.
      letters.reset(
        () => findUser(accounts, username.trim()),
        (user) => audit.append({ at: clock.now(), action: 'password-reset-asked', subject: user }),
      )
    },
  })

  const finish = defineOperation({
    name: 'finish-password-reset',
    summary: 'Choose another password with a link; every session of the account ends',
    input: finishPasswordResetInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/password-reset/finish', status: 204 },
    mqtt: false,
    async handle({ token, newPassword }): Promise<void> {
      const hash = hashOfLink(token)
      // A password that may not be chosen does not cost the link.
      const owner = await accounts.actionLinks.find({ hash, purpose: 'reset-password', at: clock.now() })
      if (owner === undefined) throw new ChatError('invalid_link')
      const weakness = auth.passwords.check(newPassword, await namesOf(accounts, owner))
      if (weakness !== undefined) throw refusalError(weakness)
      const passwordHash = await auth.passwords.hash(newPassword)
      const at = clock.now()
      const done = await accounts.actionLinks.resetPassword({ hash, passwordHash, at })
      if (done === undefined) throw new ChatError('invalid_link')
      if (done.ended.length > 0) bus.emit('ended', { user: done.user, credentials: done.ended })
      await audit.append({ at, action: 'password-reset', actor: done.user, subject: done.user })
      letters.passwordChanged(done.user)
    },
  })

  return [ask, finish]
}
