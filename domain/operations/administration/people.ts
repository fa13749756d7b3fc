/** Accounts as those who run the server see and rule them ([ADM6], [ADM8]). */
import { ChatError } from '../../../protocol/errors.ts'
import {
  type AdminUser,
  adminUserInput,
  adminUsersInput,
  serverRoleInput,
  suspendInput,
} from '../../../protocol/http/administration.ts'
import type { UserId } from '../../../protocol/ids.ts'
import { cleanText } from '../../../protocol/text.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AdministrationActs } from './administration-acts.ts'
import type { AdministrationDeps } from './deps.ts'
import type { RequireServerRole } from './require-server-role.ts'

export function createPeopleOperations(
  { store, now }: AdministrationDeps,
  require: RequireServerRole,
  acts: AdministrationActs,
): Operation[] {
  const { audit } = store
  const { overview, reports } = store.administration

  async function show(user: UserId): Promise<AdminUser> {
    const found = await overview.user(user, now())
    if (found === undefined) throw new ChatError('user_not_found')
    return found
  }

  const list = defineOperation({
    name: 'admin-users',
    summary: 'Accounts with their state, role and sessions',
    input: adminUsersInput,
    access: 'session',
    http: { method: 'GET', path: '/api/admin/users' },
    mqtt: true,
    async handle({ q: text, only, after, limit }, { session }): Promise<{ users: AdminUser[]; more: boolean }> {
      await require(session, 'list-users')
      const filter = { ...(only !== undefined && { only }), ...(after !== undefined && { after }) }
      const users = await overview.users({ text, ...filter, limit: limit + 1, at: now() })
      return { users: users.slice(0, limit), more: users.length > limit }
    },
  })

  const suspend = defineOperation({
    name: 'admin-suspend',
    summary: 'Lock an account for a time or without an end; its sessions end, its connections are closed',
    input: suspendInput,
    access: 'session',
    http: { method: 'PUT', path: '/api/admin/users/:user/suspension' },
    mqtt: true,
    async handle({ user, reason, until, report }, { session }): Promise<AdminUser> {
      const by = session.user
      await require(session, 'suspend', user)
      await acts.suspend(user, { reason: cleanText(reason) ?? reason, by, ...(until !== undefined && { until }) })
      if (report !== undefined) {
        const at = now()
        if (await reports.close(report, { state: 'handled', by, at })) {
          const details = { report, state: 'handled' }
          await audit.append({ at, action: 'report-closed', actor: by, subject: user, details })
        }
      }
      return show(user)
    },
  })

  const restore = defineOperation({
    name: 'admin-restore',
    summary: 'End a suspension',
    input: adminUserInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/admin/users/:user/suspension' },
    mqtt: true,
    async handle({ user }, { session }): Promise<AdminUser> {
      await require(session, 'restore', user)
      await acts.restore(user, session.user)
      return show(user)
    },
  })

  const setRole = defineOperation({
    name: 'admin-set-role',
    summary: 'Give a role on the server, or take it (null)',
    input: serverRoleInput,
    access: 'session',
    http: { method: 'PUT', path: '/api/admin/users/:user/role' },
    mqtt: true,
    async handle({ user, role }, { session }): Promise<AdminUser> {
      await require(session, 'change-role', user)
      await acts.setRole(user, role, session.user)
      return show(user)
    },
  })

  const endSessions = defineOperation({
    name: 'admin-end-sessions',
    summary: 'End every session of an account; app tokens stay',
    input: adminUserInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/admin/users/:user/sessions' },
    mqtt: true,
    async handle({ user }, { session }): Promise<AdminUser> {
      await require(session, 'end-sessions', user)
      await acts.endSessions(user, session.user)
      return show(user)
    },
  })

  const removeSecondFactor = defineOperation({
    name: 'admin-remove-second-factor',
    summary: 'Take away the app, the passkeys and the recovery codes of somebody who has lost them; the password stays',
    input: adminUserInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/admin/users/:user/second-factor' },
    mqtt: true,
    async handle({ user }, { session }): Promise<AdminUser> {
      await require(session, 'remove-second-factor', user)
      await acts.removeSecondFactor(user, session.user)
      return show(user)
    },
  })

  return [list, suspend, restore, setRole, endSessions, removeSecondFactor]
}
