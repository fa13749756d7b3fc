/** The queue of the moderators ([ADM7]). A report carries a copy of its message: nobody sees more of a room by it. */
import { ChatError } from '../../../protocol/errors.ts'
import {
  listReportsInput,
  oneReportInput,
  type Report,
  updateReportInput,
} from '../../../protocol/http/administration.ts'
import type { Seq } from '../../../protocol/ids.ts'
import { cleanText } from '../../../protocol/text.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AdministrationDeps } from './deps.ts'
import type { RequireServerRole } from './require-server-role.ts'

export function createReportQueueOperations(deps: AdministrationDeps, require: RequireServerRole): Operation[] {
  const { store, now } = deps
  const { archive, audit } = store
  const { reports } = store.administration

  async function find(id: number): Promise<Report> {
    const found = await reports.get(id)
    if (found === undefined) throw new ChatError('not_found')
    return found
  }

  const list = defineOperation({
    name: 'admin-reports',
    summary: 'Reports of members, open or closed',
    input: listReportsInput,
    access: 'session',
    http: { method: 'GET', path: '/api/admin/reports' },
    mqtt: true,
    async handle({ state, before, limit }, { session }): Promise<{ reports: Report[]; more: boolean }> {
      await require(session, 'see-reports')
      const page = { open: state === 'open', limit: limit + 1, ...(before !== undefined && { before }) }
      const found = await reports.list(page)
      return { reports: found.slice(0, limit), more: found.length > limit }
    },
  })

  const update = defineOperation({
    name: 'admin-update-report',
    summary: 'Close a report as handled or dismissed, or write a note on it',
    input: updateReportInput,
    access: 'session',
    http: { method: 'PATCH', path: '/api/admin/reports/:report' },
    mqtt: true,
    async handle({ report: id, state, note }, { session }): Promise<Report> {
      await require(session, 'close-reports')
      const { subject } = await find(id)
      const words = note === undefined ? undefined : cleanText(note)
      if (words !== undefined) await reports.note(id, words)
      if (state !== undefined) {
        const at = now()
        if (!(await reports.close(id, { state, by: session.user, at }))) {
          throw new ChatError('conflict', { publicMessage: 'This report is closed already.' })
        }
        await audit.append({
          at,
          action: 'report-closed',
          actor: session.user,
          subject,
          details: { report: id, state },
        })
      }
      return find(id)
    },
  })

  const removeMessage = defineOperation({
    name: 'admin-remove-message',
    summary: 'Remove the message of a report for everybody',
    input: oneReportInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/admin/reports/:report/message' },
    mqtt: true,
    async handle({ report: id }, { session }): Promise<Report> {
      await require(session, 'remove-reported-message')
      const { room, seq, subject } = await find(id)
      if (room === undefined || seq === undefined) throw new ChatError('message_not_found')
      const event = await archive.find(room, seq)
      if (event?.type !== 'message') throw new ChatError('message_not_found')
      if (!('deleted' in event)) {
        const at = now()
        const draft = { type: 'deleted', from: session.user, at, target: seq as Seq, moderated: true } as const
        await archive.append({ room, draft })
        const details = { report: id, seq }
        await audit.append({ at, action: 'message-removed', actor: session.user, subject, room, details })
      }
      await reports.removed(room, seq)
      return find(id)
    },
  })

  return [list, update, removeMessage]
}
