/** The shapes of the administration of a server (SPEC.md, ADM1-ADM12). */
import * as z from 'zod/mini'
import { AUDIT_ACTIONS, type AuditAction } from '../audit.ts'
import { nameSchema, roomIdSchema, userIdSchema } from '../http.ts'
import type { RoomId, UserId } from '../ids.ts'
import { MAX_SEQ, PAGE_DEFAULT, PAGE_MAX } from '../limits.ts'
import { MAX_REASON_LENGTH, MAX_REPORT_TEXT_LENGTH, REPORT_REASONS, type ReportReason } from '../reports.ts'
import { SERVER_ROLES, type ServerRole } from '../server-role.ts'
import { cleanText } from '../text.ts'

/** `dismissed`: nothing was done; `handled`: something was. */
export type ReportState = 'open' | 'handled' | 'dismissed'

const words = (max: number) =>
  z.string().check(
    z.maxLength(max),
    z.refine((value) => value.trim().length > 0 && cleanText(value) !== undefined, 'text'),
  )
const time = z.int().check(z.positive())
const limit = z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(PAGE_MAX)), PAGE_DEFAULT)
const before = z.optional(z.coerce.number().check(z.int(), z.minimum(1)))
const reportId = z.coerce.number().check(z.int(), z.minimum(1))

/** A message (`room` and `seq`), or a person (`user`). */
export const reportInput = z
  .object({
    room: z.optional(roomIdSchema),
    seq: z.optional(z.int().check(z.minimum(1), z.maximum(MAX_SEQ))),
    user: z.optional(userIdSchema),
    reason: z.enum(REPORT_REASONS),
    text: z.optional(words(MAX_REPORT_TEXT_LENGTH)),
  })
  .check(
    z.refine(
      ({ room, seq, user }) => (user === undefined) === (room !== undefined && seq !== undefined),
      'room and seq of a message, or a user',
    ),
  )
export const listReportsInput = z.object({ state: z._default(z.enum(['open', 'closed']), 'open'), before, limit })
export const oneReportInput = z.object({ report: reportId })
export const updateReportInput = z.object({
  report: reportId,
  state: z.optional(z.enum(['handled', 'dismissed'])),
  note: z.optional(words(MAX_REPORT_TEXT_LENGTH)),
})
export const suspendInput = z.object({
  user: userIdSchema,
  reason: words(MAX_REASON_LENGTH),
  /** Milliseconds since 1970; without an end when absent. */
  until: z.optional(time),
  /** The report that it answers, which is closed as handled. */
  report: z.optional(reportId),
})
export const serverRoleInput = z.object({ user: userIdSchema, role: z.nullable(z.enum(SERVER_ROLES)) })
export const adminUserInput = z.object({ user: userIdSchema })
export const adminUsersInput = z.object({
  q: z._default(z.string().check(z.maxLength(100)), ''),
  /** Those who have a role, or are suspended. */
  only: z.optional(z.enum(['roles', 'suspended'])),
  after: z.optional(userIdSchema),
  limit,
})
export const adminRoomsInput = z.object({
  q: z._default(z.string().check(z.maxLength(100)), ''),
  after: z.optional(roomIdSchema),
  limit,
})
export const auditInput = z.object({
  action: z.optional(z.enum(AUDIT_ACTIONS)),
  user: z.optional(userIdSchema),
  before,
  limit,
})
export const createUserInput = z.object({ username: userIdSchema, displayName: z.optional(nameSchema) })

/** My own report: whether it is still open, no more. */
export type MyReport = {
  id: number
  at: number
  room?: RoomId
  seq?: number
  user?: UserId
  reason: ReportReason
  state: 'open' | 'handled'
}
/** The message as it stood when it was reported. */
export type ReportedMessage = { from: UserId; at: number; text: string; files?: number }
export type Report = {
  id: number
  at: number
  state: ReportState
  reason: ReportReason
  text?: string
  /** Absent when the account is gone. */
  reporter?: UserId
  /** Who is reported: the author of the message, or the person. */
  subject: UserId
  subjectName: string
  room?: RoomId
  seq?: number
  message?: ReportedMessage
  /** The message was removed. */
  removed?: true
  note?: string
  closedAt?: number
  closedBy?: UserId
}
/** `until` absent: without an end. */
export type Suspension = { at: number; reason: string; until?: number; by?: UserId }
export type AdminUser = {
  id: UserId
  displayName: string
  createdAt: number
  lastSeenAt?: number
  role?: ServerRole
  suspension?: Suspension
  /** Sign-ins that stand. */
  sessions: number
  /** More than a password is asked for. */
  secondFactor?: true
}
export type AdminRoom = {
  id: RoomId
  name: string
  members: number
  messages: number
  createdAt: number
  archived?: true
}
export type RoomCounts = { public: number; private: number; direct: number }
export type ServerStatus = {
  version: string
  node: string
  startedAt: number
  connections: number
  users: { all: number; suspended: number }
  rooms: RoomCounts
  messages: number
  openReports: number
  archive: { queued: number; queuedBytes: number; lastCommitMs: number }
  limits: Record<string, number>
}
export type AuditPage = { entries: AuditLine[]; more: boolean }
export type AuditLine = {
  id: number
  at: number
  action: AuditAction
  actor?: UserId | 'gone'
  subject?: UserId | 'gone'
  room?: RoomId
  details?: Readonly<Record<string, string | number | boolean>>
}
