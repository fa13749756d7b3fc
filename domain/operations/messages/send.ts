import { ChatError, refusalError } from '../../../protocol/errors.ts'
import { markInput, type Sent, sendInput } from '../../../protocol/http.ts'
import type { Receipt } from '../../../protocol/presence.ts'
import type { MessagePath } from '../../message-path/index.ts'
import type { Receipts } from '../../receipts/index.ts'
import { defineOperation } from '../table.ts'

/** The same path as a publish to `rooms/{room}/send`; answered after the commit ([P1]). */
export function sendOperation({ messagePath }: { messagePath: Pick<MessagePath, 'send'> }) {
  return defineOperation({
    name: 'send',
    summary: 'Send a command to a room: a message when it has no `type`.',
    input: sendInput,
    access: 'write',
    http: { method: 'POST', path: '/api/messages', status: 201 },
    mqtt: true,
    async handle({ room, ...fields }, { session }): Promise<Sent> {
      const outcome = await messagePath.send(session, room, fields)
      if (!outcome.ok) throw refusalError(outcome.no)
      if (outcome.event === undefined)
        throw new ChatError('internal', { context: { reason: 'archived without event' } })
      const { seq, draft } = outcome.event
      return { seq, at: draft.at, ...(draft.id !== undefined && { id: draft.id }) }
    },
  })
}

/** How far the caller has read and been delivered; answered with where the marks stand now ([RCP1]). */
export function markOperation({ receipts }: { receipts: Receipts }) {
  return defineOperation({
    name: 'mark',
    summary: 'Say how far you have read, or how far messages have reached you.',
    input: markInput,
    access: 'write',
    http: { method: 'POST', path: '/api/rooms/:room/mark' },
    mqtt: true,
    async handle({ room, read, delivered }, { session }): Promise<Receipt> {
      if (read === undefined && delivered === undefined) {
        throw new ChatError('invalid_request', {
          details: [{ path: 'read', message: 'read or delivered is required' }],
        })
      }
      return receipts.mark(session, room, { read, delivered })
    },
  })
}
