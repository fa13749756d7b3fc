/** Operations of people about themselves. */

import { ChatError, refusalError } from '../../../protocol/errors.ts'
import { changePasswordInput, type Me, updateMeInput } from '../../../protocol/http.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AccountDeps } from './deps.ts'
import { emailState } from './email.ts'
import { namesOf } from './find-user.ts'
import { provePassword } from './prove-password.ts'

export function createProfileOperations(deps: AccountDeps): Operation[] {
  const { accounts, audit, auth, bus, clock, letters, profiles, roles } = deps

  const me = defineOperation({
    name: 'me',
    summary: 'Who I am',
    input: noInput,
    access: 'read',
    http: { method: 'GET', path: '/api/me' },
    mqtt: true,
    async handle(_input, { session }): Promise<Me> {
      const user = await accounts.users.get(session.user)
      if (user === undefined) throw new ChatError('user_not_found')
      // The address is for the user himself, and not for his bots and devices.
      const email = session.credential.kind === 'session' ? await accounts.emails.get(user.id) : undefined
      const serverRole = await roles.of(user.id)
      return { ...user, ...emailState(email), ...(serverRole && { serverRole }) }
    },
  })

  const updateMe = defineOperation({
    name: 'update-me',
    summary: 'Change how I am called, and what I say of myself',
    input: updateMeInput,
    access: 'session',
    http: { method: 'PATCH', path: '/api/me' },
    mqtt: true,
    async handle({ displayName, about, timeZone }, caller): Promise<Me> {
      const changes = {
        ...(displayName !== undefined && { displayName: displayName.normalize('NFC') }),
        ...(about !== undefined && { about: about.trim().normalize('NFC') }),
        ...(timeZone !== undefined && { timeZone }),
      }
      if (Object.keys(changes).length > 0) {
        const { id, displayName: name, avatar } = await accounts.users.change(caller.session.user, changes)
        if (displayName !== undefined) profiles.changed({ id, displayName: name, ...(avatar && { avatar }) })
      }
      return me.handle({}, caller)
    },
  })

  const changePassword = defineOperation({
    name: 'change-password',
    summary: 'Change my password; every other session ends',
    input: changePasswordInput,
    access: 'session',
    http: { method: 'POST', path: '/api/me/password', status: 204 },
    mqtt: false,
    async handle({ password, newPassword }, caller): Promise<void> {
      const { user, credential } = caller.session
      await provePassword(deps, user, password, caller)
      const weakness = auth.passwords.check(newPassword, await namesOf(accounts, user))
      if (weakness !== undefined) throw refusalError(weakness)
      const hash = await auth.passwords.hash(newPassword)
      await accounts.credentials.setPassword(user, hash, clock.now())
      const ended = await accounts.sessions.end(user, { allBut: credential.id }, clock.now())
      if (ended.length > 0) bus.emit('ended', { user, credentials: ended })
      await audit.append({ at: clock.now(), action: 'password-changed', actor: user })
      letters.passwordChanged(user)
    },
  })

  return [me, updateMe, changePassword]
}
