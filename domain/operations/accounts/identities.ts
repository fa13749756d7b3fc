/** Operations on one's own links with a provider of sign-ins, and the first password of who came from there. */
import { ChatError, refusalError } from '../../../protocol/errors.ts'
import { type Identity, identityInput, setPasswordInput } from '../../../protocol/http/identities.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AccountDeps } from './deps.ts'
import { namesOf } from './find-user.ts'

/** So long after a sign-in it is the owner who is there. */
const FRESH_MS = 10 * 60_000

export function createIdentityOperations({ accounts, audit, auth, clock }: AccountDeps): Operation[] {
  const identities = defineOperation({
    name: 'identities',
    summary: 'My links with the sign-in provider, and whether I have a password',
    input: noInput,
    access: 'session',
    http: { method: 'GET', path: '/api/me/identities' },
    mqtt: true,
    async handle(_input, { session: { user } }): Promise<{ identities: Identity[]; password: boolean }> {
      const [mine, hash] = await Promise.all([accounts.identities.list(user), accounts.credentials.passwordHash(user)])
      return {
        identities: mine.map(({ id, name, createdAt, lastUsedAt }) => ({ id, name, createdAt, lastUsedAt })),
        password: hash !== undefined,
      }
    },
  })

  const unlinkIdentity = defineOperation({
    name: 'unlink-identity',
    summary: 'Undo a link with the sign-in provider, unless it is my only way in',
    input: identityInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/me/identities/:identity', status: 204 },
    mqtt: true,
    async handle({ identity }, { session: { user } }): Promise<void> {
      const result = await accounts.identities.unlink(user, identity)
      if (result === 'absent') throw new ChatError('not_found')
      if (result === 'last') {
        throw new ChatError('conflict', { publicMessage: 'This is your only way to sign in; set a password first.' })
      }
      await audit.append({ at: clock.now(), action: 'identity-unlinked', actor: user })
    },
  })

  const setPassword = defineOperation({
    name: 'set-password',
    summary: 'Give my account its first password, within ten minutes after signing in',
    input: setPasswordInput,
    access: 'session',
    http: { method: 'PUT', path: '/api/me/password', status: 204 },
    mqtt: false,
    async handle({ newPassword }, { session }): Promise<void> {
      const { user, credential } = session
      if ((await accounts.credentials.passwordHash(user)) !== undefined) throw new ChatError('conflict')
      const signIn = await accounts.sessions.find(credential.id)
      if (signIn === undefined || clock.now() - signIn.createdAt > FRESH_MS) {
        throw new ChatError('forbidden', { publicMessage: 'Sign out, sign in again, and set the password then.' })
      }
      const weakness = auth.passwords.check(newPassword, await namesOf(accounts, user))
      if (weakness !== undefined) throw refusalError(weakness)
      await accounts.credentials.setPassword(user, await auth.passwords.hash(newPassword), clock.now())
      await audit.append({ at: clock.now(), action: 'password-changed', actor: user })
    },
  })

  return [identities, unlinkIdentity, setPassword]
}
