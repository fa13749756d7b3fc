import { type Decision, mayDo, type Session, type Standing } from '../../auth-plugin/index.ts'
import type { Command } from '../../protocol/commands.ts'
import type { Refusal } from '../../protocol/errors.ts'
import type { RoomId } from '../../protocol/ids.ts'
import type { Archive } from '../../store/index.ts'

/**
 * Whether a command about another event may stand: the event is a message of this room, edits are of one's own, others'
 * messages are deleted and messages pinned by those whom the policy lets ([CMD4]). `undefined`: it may.
 */
export async function checkTarget(
  command: Exclude<Command, { type: 'message' }>,
  session: Session,
  room: RoomId,
  standing: Standing,
  { archive, now }: { archive: Pick<Archive, 'find'>; now(): number },
): Promise<Refusal | undefined> {
  const target = await archive.find(room, command.seq)
  if (target === undefined || target.type !== 'message') return { code: 'message_not_found' }
  const own = target.from === session.user
  switch (command.type) {
    case 'edit':
      return own ? undefined : { code: 'forbidden', message: 'Only the author may edit a message.' }
    case 'delete':
      return own ? undefined : no(mayDo(session, room, 'delete-others', standing, now()))
    case 'pin':
    case 'unpin':
      return no(mayDo(session, room, 'pin', standing, now()))
    case 'react':
    case 'unreact':
      return undefined
  }
}

const no = (decision: Decision): Refusal | undefined => (decision.ok ? undefined : decision.no)
