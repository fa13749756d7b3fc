/** What the people who run the server ask and decide, as calls. */
import type { AuditAction } from '../../../protocol/audit.ts'
import type { AdminRoom, AdminUser, AuditLine, Report, ServerStatus } from '../../../protocol/http/administration.ts'
import type { ServerInvite } from '../../../protocol/http/invites.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import type { ReportReason } from '../../../protocol/reports.ts'
import type { ServerRole } from '../../../protocol/server-role.ts'
import type { ChatClient } from './client-types.ts'

export type Page<Item> = { items: readonly Item[]; more: boolean }
export type ReportTarget = { room: RoomId; seq: number; text: string } | { user: UserId }

export const REASON_NAMES: Readonly<Record<ReportReason, string>> = {
  spam: 'Spam',
  harassment: 'Harassment',
  violence: 'Violence or threats',
  illegal: 'Against the law',
  other: 'Something else',
}

/** All of these reject with ChatError. */
export interface Administration {
  status(): Promise<ServerStatus>
  users(query: {
    q: string
    only: 'roles' | 'suspended' | undefined
    after?: UserId | undefined
  }): Promise<Page<AdminUser>>
  suspend(user: UserId, input: { reason: string; until?: number; report?: number }): Promise<AdminUser>
  restore(user: UserId): Promise<AdminUser>
  setRole(user: UserId, role: ServerRole | null): Promise<AdminUser>
  endSessions(user: UserId): Promise<AdminUser>
  removeSecondFactor(user: UserId): Promise<AdminUser>
  rooms(query: { q: string; after?: RoomId | undefined }): Promise<Page<AdminRoom>>
  reports(query: { state: 'open' | 'closed'; before?: number | undefined }): Promise<Page<Report>>
  updateReport(id: number, change: { state?: 'handled' | 'dismissed'; note?: string }): Promise<Report>
  removeMessage(report: number): Promise<Report>
  invites(): Promise<ServerInvite[]>
  /** `expiresIn` in seconds. */
  invite(input: { note?: string; expiresIn?: number; uses?: number }): Promise<ServerInvite>
  revokeInvite(id: string): Promise<void>
  audit(query: { action: AuditAction | undefined; user: string; before?: number | undefined }): Promise<Page<AuditLine>>
}

export function createAdministration({ call }: Pick<ChatClient, 'call'>): Administration {
  const ask = (values: Record<string, string | number | undefined>): string => {
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(values)) {
      if (value !== undefined && value !== '') query.set(name, String(value))
    }
    return `?${query}`
  }
  const person = (user: UserId, what: string): string => `/admin/users/${user}/${what}`

  return {
    status: () => call('GET', '/admin/status'),
    async users(query) {
      const { users, more } = await call<{ users: AdminUser[]; more: boolean }>('GET', `/admin/users${ask(query)}`)
      return { items: users, more }
    },
    suspend: (user, input) => call('PUT', person(user, 'suspension'), input),
    restore: (user) => call('DELETE', person(user, 'suspension')),
    setRole: (user, role) => call('PUT', person(user, 'role'), { role }),
    endSessions: (user) => call('DELETE', person(user, 'sessions')),
    removeSecondFactor: (user) => call('DELETE', person(user, 'second-factor')),
    async rooms(query) {
      const { rooms, more } = await call<{ rooms: AdminRoom[]; more: boolean }>('GET', `/admin/rooms${ask(query)}`)
      return { items: rooms, more }
    },
    async reports(query) {
      const { reports, more } = await call<{ reports: Report[]; more: boolean }>('GET', `/admin/reports${ask(query)}`)
      return { items: reports, more }
    },
    updateReport: (id, change) => call('PATCH', `/admin/reports/${id}`, change),
    removeMessage: (report) => call('DELETE', `/admin/reports/${report}/message`),
    invites: async () => (await call<{ invites: ServerInvite[] }>('GET', '/admin/invites')).invites,
    invite: (input) => call('POST', '/admin/invites', input),
    revokeInvite: (id) => call('DELETE', `/admin/invites/${id}`),
    async audit(query) {
      const { entries, more } = await call<{ entries: AuditLine[]; more: boolean }>('GET', `/admin/audit${ask(query)}`)
      return { items: entries, more }
    },
  }
}
