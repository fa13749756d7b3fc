/** Operations of people who are not signed in yet, or leave. */
import { ChatError, refusalError } from '../../../protocol/errors.ts'
import { loginInput, refreshInput, registerInput, type SignedIn } from '../../../protocol/http.ts'
import { isUserId, type RoomId, type UserId } from '../../../protocol/ids.ts'
import type { Operation } from '../operation.ts'
import { defineOperation, type Visitor } from '../table.ts'
import type { AccountDeps } from './deps.ts'
import { createFailedSignIns } from './failed-sign-ins.ts'
import { findUser, localPart, normaliseEmail } from './find-user.ts'
import { placeOf, signedIn } from './open-session.ts'
import { checkPassword, isStillPassword } from './prove-password.ts'
import { passSecondFactor } from './second-factor-sign-in.ts'

export function createSignInOperations(deps: AccountDeps): Operation[] {
  const { accounts, audit, auth, bus, clock, letters } = deps
  const failures = createFailedSignIns(audit, () => clock.now())

  const register = defineOperation({
    name: 'register',
    summary: 'Make an account and sign in',
    input: registerInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/register', status: 201 },
    mqtt: false,
    limit: 'registrations',
    async handle(input, caller: Visitor): Promise<SignedIn & { room?: RoomId }> {
      const { username, password, displayName = username, email, device, invite } = input
      const pass = await deps.admitStranger(invite, caller)
      const address = email === undefined ? undefined : normaliseEmail(email)
      const names = [username, displayName, ...(address === undefined ? [] : [localPart(address)])]
      const weakness = auth.passwords.check(password, names)
      if (weakness !== undefined) throw refusalError(weakness)
      if ((await accounts.users.get(username)) !== undefined) throw new ChatError('username_taken')
      const passwordHash = await auth.passwords.hash(password)
      const user = { id: username, displayName: displayName.normalize('NFC'), createdAt: clock.now() }
      await pass.use()
      try {
        await accounts.users.create(user, { passwordHash, ...(address !== undefined && { email: address }) })
      } catch (error) {
        await pass.giveBack()
        throw error
      }
      await audit.append({ at: clock.now(), action: 'registered', actor: username })
      const signIn = await auth.signIn(username, placeOf(caller, device))
      await auth.loginGuard.succeeded(username, caller)
      if (address !== undefined && (await letters.mayAsk(username)) === undefined) {
        letters.verification(username, address)
      }
      const room = await pass.follow(signIn.session)
      return { ...signedIn(user, signIn), ...(room !== undefined && { room }) }
    },
  })

  const login = defineOperation({
    name: 'login',
    summary: 'Sign in with password and user name, or the verified e-mail address',
    input: loginInput,
    access: 'nobody',
    http: { method: 'POST', path: '/api/login' },
    mqtt: false,
    async handle({ username, password, otp, device }, caller: Visitor): Promise<SignedIn> {
      const name = (await findUser(accounts, username)) ?? username
      const proven = await checkPassword(deps, name, password, caller).catch((error: unknown) => failed(error, name))
      await passSecondFactor(deps, proven, otp, caller).catch((error: unknown) => failed(error, name))
      const user = await accounts.users.get(proven.user)
      if (user === undefined) throw new ChatError('invalid_credentials')
      const signIn = await auth.signIn(user.id, placeOf(caller, device))
      // The password was changed meanwhile: what the old one opened is closed with the rest.
      if (!(await isStillPassword(deps, user.id, password, proven.hash))) {
        await endSession(user.id, signIn.session.credential.id)
        throw new ChatError('invalid_credentials')
      }
      await audit.append({ at: clock.now(), action: 'signed-in', actor: user.id, details: { with: 'password' } })
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
        if (result.ended) {
          const { user, id } = result.ended
          bus.emit('ended', { user, credentials: [id] })
          await audit.append({ at: clock.now(), action: 'refresh-token-reused', subject: user })
        }
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
    const at = clock.now()
    const ended = await accounts.sessions.end(user, { id }, at)
    if (ended.length === 0) return
    bus.emit('ended', { user, credentials: ended })
    await audit.append({ at, action: 'signed-out', actor: user, details: { sessions: ended.length } })
  }

  /** Notes that somebody could not sign in, and goes on failing. */
  async function failed(error: unknown, username: string): Promise<never> {
    if (error instanceof ChatError && (error.code === 'invalid_credentials' || error.code === 'invalid_otp')) {
      const isUser = isUserId(username) && (await accounts.users.get(username)) !== undefined
      await failures.note(isUser ? username : undefined)
    }
    throw error
  }

  return [register, login, refresh, logout]
}
