/** Operations of people about themselves. */

import { ChatError, refusalError } from '../../../protocol/errors.ts'
import { changePasswordInput, type Me, updateMeInput } from '../../../protocol/http.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AccountDeps } from './deps.ts'
import { provePassword } from './prove-password.ts'

export function createProfileOperations(deps: AccountDeps): Operation[] {
  const { accounts, auth, bus, clock } = deps

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
      return user
    },
  })

  const updateMe = defineOperation({
    name: 'update-me',
    summary: 'Change how I am called',
    input: updateMeInput,
    access: 'session',
    http: { method: 'PATCH', path: '/api/me' },
    mqtt: true,
    async handle({ displayName }, caller): Promise<Me> {
      if (displayName === undefined) return me.handle({}, caller)
      return accounts.users.rename(caller.session.user, displayName.normalize('NFC'))
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
      const profile = await accounts.users.get(user)
      const weakness = auth.passwords.check(newPassword, [user, profile?.displayName ?? user])
      if (weakness !== undefined) throw refusalError(weakness)
      const hash = await auth.passwords.hash(newPassword)
      await accounts.credentials.setPassword(user, hash, clock.now())
      const ended = await accounts.sessions.end(user, { allBut: credential.id }, clock.now())
      if (ended.length > 0) bus.emit('ended', { user, credentials: ended })
    },
  })

  return [me, updateMe, changePassword]
}
