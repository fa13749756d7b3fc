/** What is done to accounts by those who run the server: through an operation in their name, or at the command line. */
import type { AuthPlugin } from '../../../auth-plugin/index.ts'
import { ChatError, refusalError } from '../../../protocol/errors.ts'
import type { UserId } from '../../../protocol/ids.ts'
import type { ServerRole } from '../../../protocol/server-role.ts'
import type { Store } from '../../../store/index.ts'
import type { Bus } from '../../bus/bus.ts'

/** `by`: who did it; absent for the operator at the command line. Whether he may is asked before. */
export interface AdministrationActs {
  /** Throws `user_not_found`, `conflict` for the last owner, `invalid_request` for an end that is over. */
  suspend(user: UserId, suspension: { reason: string; until?: number; by?: UserId }): Promise<void>
  /** Throws `not_found` when the user is not suspended. */
  restore(user: UserId, by?: UserId): Promise<void>
  /** Throws `user_not_found`, `conflict` for the last owner. */
  setRole(user: UserId, role: ServerRole | null, by?: UserId): Promise<void>
  /** App tokens stay. Answers how many there were. Throws `user_not_found`. */
  endSessions(user: UserId, by?: UserId): Promise<number>
  /** Throws `username_taken`, `weak_password`. */
  createUser(user: { id: UserId; displayName: string; password: string }, by?: UserId): Promise<void>
  /** Sets a password and ends every session. Throws `user_not_found`, `weak_password`. */
  setPassword(user: UserId, password: string, by?: UserId): Promise<void>
  /** For who has lost it all: app, passkeys and recovery codes go, the password stays. Throws `not_found`. */
  removeSecondFactor(user: UserId, by?: UserId): Promise<void>
  rotateSigningKey(by?: UserId): Promise<void>
}

export function createAdministrationActs(deps: {
  store: Store
  auth: AuthPlugin
  bus: Bus
  now(): number
}): AdministrationActs {
  const { store, auth, bus, now } = deps
  const { accounts, audit } = store
  const actor = (by: UserId | undefined) => (by === undefined ? {} : { actor: by })

  async function requireUser(user: UserId): Promise<void> {
    if ((await accounts.users.get(user)) === undefined) throw new ChatError('user_not_found')
  }

  function requireStrong(password: string, user: UserId, displayName: string): void {
    const weakness = auth.passwords.check(password, [user, displayName])
    if (weakness !== undefined) throw refusalError(weakness)
  }

  async function endAll(user: UserId, at: number): Promise<string[]> {
    const ended = await accounts.sessions.end(user, { all: true }, at)
    if (ended.length > 0) bus.emit('ended', { user, credentials: ended })
    return ended
  }

  return {
    async suspend(user, { reason, until, by }) {
      const at = now()
      if (until !== undefined && until <= at) {
        const details = [{ path: 'until', message: 'a time in the future, in milliseconds since 1970' }]
        throw new ChatError('invalid_request', { details })
      }
      const end = until === undefined ? {} : { until }
      await accounts.suspensions.put(user, { at, reason, ...end, ...(by !== undefined && { by }) })
      bus.emit('ended', { user, credentials: 'all' })
      await audit.append({ at, action: 'user-suspended', ...actor(by), subject: user, details: { ...end } })
    },

    async restore(user, by) {
      const at = now()
      if (!(await accounts.suspensions.remove(user, at))) throw new ChatError('not_found')
      await audit.append({ at, action: 'user-restored', ...actor(by), subject: user })
    },

    async setRole(user, role, by) {
      const at = now()
      await requireUser(user)
      const before = await store.administration.roles.set(user, role, at)
      if (before === (role ?? undefined)) return
      const details = { from: before ?? 'none', to: role ?? 'none' }
      await audit.append({ at, action: 'server-role-changed', ...actor(by), subject: user, details })
    },

    async endSessions(user, by) {
      await requireUser(user)
      const at = now()
      const ended = await endAll(user, at)
      const details = { sessions: ended.length }
      await audit.append({ at, action: 'sessions-ended', ...actor(by), subject: user, details })
      return ended.length
    },

    async createUser({ id, displayName, password }, by) {
      requireStrong(password, id, displayName)
      const passwordHash = await auth.passwords.hash(password)
      const at = now()
      await accounts.users.create({ id, displayName: displayName.normalize('NFC'), createdAt: at }, { passwordHash })
      await audit.append({ at, action: 'user-created', ...actor(by), subject: id })
    },

    async setPassword(user, password, by) {
      const profile = await accounts.users.get(user)
      if (profile === undefined) throw new ChatError('user_not_found')
      requireStrong(password, user, profile.displayName)
      const hash = await auth.passwords.hash(password)
      const at = now()
      await accounts.credentials.setPassword(user, hash, at)
      await endAll(user, at)
      await audit.append({ at, action: 'password-reset', ...actor(by), subject: user })
    },

    async removeSecondFactor(user, by) {
      if (!(await accounts.secondFactor.remove(user))) throw new ChatError('not_found')
      await audit.append({ at: now(), action: 'second-factor-removed', ...actor(by), subject: user })
    },

    async rotateSigningKey(by) {
      await auth.rotateSigningKey()
      await audit.append({ at: now(), action: 'signing-key-rotated', ...actor(by) })
    },
  }
}
