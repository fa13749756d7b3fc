/** The server as a whole ([ADM8], [AUD1]): figures, public rooms, and who did what. */
import {
  type AdminRoom,
  type AuditPage,
  adminRoomsInput,
  auditInput,
  type ServerStatus,
} from '../../../protocol/http/administration.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AdministrationDeps } from './deps.ts'
import type { RequireServerRole } from './require-server-role.ts'

export function createServerStatusOperations(
  { store, now, figures }: AdministrationDeps,
  require: RequireServerRole,
): Operation[] {
  const { overview } = store.administration

  const status = defineOperation({
    name: 'admin-status',
    summary: 'Version, figures and limits of this server',
    input: noInput,
    access: 'session',
    http: { method: 'GET', path: '/api/admin/status' },
    mqtt: true,
    async handle(_input, { session }): Promise<ServerStatus> {
      await require(session, 'see-status')
      const { queued, queuedBytes, lastCommitMs } = store.archive.stats()
      const { version, startedAt, limits } = figures
      return {
        ...{ version, node: process.version, startedAt, connections: figures.connections() },
        ...(await overview.counts(now())),
        archive: { queued, queuedBytes, lastCommitMs },
        limits: { ...limits },
      }
    },
  })

  const rooms = defineOperation({
    name: 'admin-rooms',
    summary: 'Public rooms, without what is said in them',
    input: adminRoomsInput,
    access: 'session',
    http: { method: 'GET', path: '/api/admin/rooms' },
    mqtt: true,
    async handle({ q: text, after, limit }, { session }): Promise<{ rooms: AdminRoom[]; more: boolean }> {
      await require(session, 'list-rooms')
      const found = await overview.rooms({ text, limit: limit + 1, ...(after !== undefined && { after }) })
      return { rooms: found.slice(0, limit), more: found.length > limit }
    },
  })

  const audit = defineOperation({
    name: 'admin-audit',
    summary: 'Administrative and security-relevant acts, newest first',
    input: auditInput,
    access: 'session',
    http: { method: 'GET', path: '/api/admin/audit' },
    mqtt: true,
    async handle({ action, user, before, limit }, { session }): Promise<AuditPage> {
      await require(session, 'see-audit')
      const entries = await store.audit.list({
        limit: limit + 1,
        ...(before !== undefined && { before }),
        ...(action !== undefined && { action }),
        ...(user !== undefined && { about: user }),
      })
      return { entries: entries.slice(0, limit), more: entries.length > limit }
    },
  })

  return [status, rooms, audit]
}
