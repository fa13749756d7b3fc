/** Operations of people who are not signed in yet, or leave. */
import type { SignIn } from '../../../auth-plugin/index.ts'
import { ChatError, refusalError } from '../../../protocol/errors.ts'
import { loginInput, refreshInput, registerInput, type SignedIn, type User } from '../../../protocol/http.ts'
import { isUserId, type UserId } from '../../../protocol/ids.ts'
import type { Operation } from '../operation.ts'
import { defineOperation, type Visitor } from '../table.ts'
import type { AccountDeps } from './deps.ts'
import { provePassword } from './prove-password.ts'

export function createSignInOperations(deps: AccountDeps): Operation[] {
  const { accounts, auth, bus, clock } = deps

  const register = defineOperation({
    name: 'register',
    summary: 'Make an account and sign in',
    input: registerInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/register', status: 201 },
    mqtt: false,
    async handle({ username, password, displayName = username, email, device }, caller: Visitor): Promise<SignedIn> {
      if (deps.registration !== 'open') throw new ChatError('registration_closed')
      const weakness = auth.passwords.check(password, [username, displayName])
      if (weakness !== undefined) throw refusalError(weakness)
      if ((await accounts.users.get(username)) !== undefined) throw new ChatError('username_taken')
      const passwordHash = await auth.passwords.hash(password)
      const user = { id: username, displayName: displayName.normalize('NFC'), createdAt: clock.now() }
      await accounts.users.create(user, { passwordHash, ...(email !== undefined && { email }) })
      const signIn = await auth.signIn(username, placeOf(caller, device))
      await auth.loginGuard.succeeded(username, caller)
      return signedIn(user, signIn)
    },
  })

  const login = defineOperation({
    name: 'login',
    summary: 'Sign in with user name and password',
    input: loginInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/login' },
    mqtt: false,
    async handle({ username, password, device }, caller: Visitor): Promise<SignedIn> {
      const hash = await provePassword(deps, username, password, caller)
      const user = isUserId(username) ? await accounts.users.get(username) : undefined
      if (user === undefined) throw new ChatError('invalid_credentials')
      const signIn = await auth.signIn(user.id, placeOf(caller, device))
      // The password was changed meanwhile: what the old one opened is closed with the rest.
      if ((await accounts.credentials.passwordHash(user.id)) !== hash) {
        await endSession(user.id, signIn.session.credential.id)
        throw new ChatError('invalid_credentials')
      }
      return signedIn(user, signIn)
    },
  })

  const refresh = defineOperation({
    name: 'refresh',
    summary: 'Swap a refresh token for a new pair; an old one used again ends the session',
    input: refreshInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/refresh' },
    mqtt: false,
    async handle({ refreshToken }): Promise<SignedIn> {
      if (refreshToken === undefined) throw new ChatError('unauthorized')
      const result = await auth.refresh(refreshToken)
      if (!result.ok) {
        if (result.ended) bus.emit('ended', { user: result.ended.user, credentials: [result.ended.id] })
        throw refusalError(result.no)
      }
      const user = await accounts.users.get(result.signIn.session.user)
      if (user === undefined) throw new ChatError('session_ended')
      return signedIn(user, result.signIn)
    },
  })

  const logout = defineOperation({
    name: 'logout',
    summary: 'End the session of the refresh token, of the access token, or both',
    input: refreshInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/logout', status: 204 },
    mqtt: false,
    async handle({ refreshToken }, { session }: Visitor): Promise<void> {
      const named = refreshToken === undefined ? undefined : await auth.sessionOf(refreshToken)
      const own = session?.credential.kind === 'session' ? session : undefined
      if (named === undefined && own === undefined) {
        throw new ChatError(refreshToken === undefined ? 'unauthorized' : 'invalid_token')
      }
      if (named !== undefined) await endSession(named.user, named.id)
      if (own !== undefined && own.credential.id !== named?.id) await endSession(own.user, own.credential.id)
    },
  })

  async function endSession(user: UserId, id: string): Promise<void> {
    const ended = await accounts.sessions.end(user, { id }, clock.now())
    if (ended.length > 0) bus.emit('ended', { user, credentials: ended })
  }

  return [register, login, refresh, logout]
}

const placeOf = ({ address, browser }: Visitor, device: string | undefined) => ({
  ...(address !== undefined && { address }),
  ...(browser !== undefined && { browser }),
  ...(device !== undefined && { device }),
})

const signedIn = ({ id, displayName }: User, { accessToken, expiresIn, refreshToken }: SignIn): SignedIn => ({
  user: { id, displayName },
  accessToken,
  expiresIn,
  refreshToken,
})
