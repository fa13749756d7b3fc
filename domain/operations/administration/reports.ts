/** What members tell those who run the server ([ADM5]): a message that they can read, or a person. */
import { readableFrom } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import { type MyReport, type ReportedMessage, reportInput } from '../../../protocol/http/administration.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import { cleanText } from '../../../protocol/text.ts'
import { noInput } from '../no-input.ts'
import type { Caller, Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { AdministrationDeps } from './deps.ts'

const MINE_SHOWN = 100

export function createReportOperations({ store, changes, now }: AdministrationDeps): Operation[] {
  const { audit, archive } = store
  const { reports } = store.administration

  /** The message as it stands now: with its last edit. */
  async function copyOf(room: RoomId, seq: number): Promise<ReportedMessage> {
    const { messages, related } = await archive.page({ room, after: seq - 1, limit: 1 })
    const [event] = messages
    if (event?.seq !== seq || event.type !== 'message' || 'deleted' in event) throw new ChatError('message_not_found')
    const edits = related.flatMap((later) => (later.type === 'edited' && later.target === seq ? [later.text] : []))
    const files = event.files?.length ?? 0
    return { from: event.from, at: event.at, text: edits.at(-1) ?? event.text, ...(files > 0 && { files }) }
  }

  async function findMessage(caller: Caller, room: RoomId, seq: number) {
    const standing = await changes.require(caller.session, room, 'read')
    if (seq < readableFrom(standing)) throw new ChatError('message_not_found')
    const message = await copyOf(room, seq)
    return { subject: message.from, about: { room, seq, message } }
  }

  async function findUser(user: UserId) {
    if ((await store.accounts.users.get(user)) === undefined) throw new ChatError('user_not_found')
    return { subject: user }
  }

  const report = defineOperation({
    name: 'report',
    summary: 'Tell the moderators of the server about a message or a person',
    input: reportInput,
    access: 'write',
    http: { method: 'POST', path: '/api/reports', status: 201 },
    mqtt: true,
    async handle({ room, seq, user, reason, text }, caller): Promise<{ id: number }> {
      const me = caller.session.user
      if (user !== undefined && caller.session.scope.rooms !== null) throw new ChatError('out_of_scope')
      const found =
        room !== undefined && seq !== undefined ? await findMessage(caller, room, seq) : await findUser(user ?? me)
      if (found.subject === me) throw new ChatError('conflict', { publicMessage: 'Nobody reports himself.' })
      const at = now()
      const words = text === undefined ? undefined : cleanText(text)
      const { id, isNew } = await reports.add({
        ...{ at, reporter: me, reason, ...found },
        ...(words !== undefined && { text: words }),
      })
      if (isNew) {
        const where = room === undefined ? {} : { room }
        const details = { report: id, reason }
        await audit.append({ at, action: 'report-made', actor: me, subject: found.subject, ...where, details })
      }
      return { id }
    },
  })

  const myReports = defineOperation({
    name: 'my-reports',
    summary: 'My reports, and whether they are still open',
    input: noInput,
    access: 'session',
    http: { method: 'GET', path: '/api/reports' },
    mqtt: true,
    handle: async (_input, { session }): Promise<{ reports: MyReport[] }> => ({
      reports: await reports.mine(session.user, MINE_SHOWN),
    }),
  })

  return [report, myReports]
}
