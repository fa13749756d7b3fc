import type { UserId } from '../../../protocol/ids.ts'
import type { Receipt } from '../../../protocol/presence.ts'
import type { MessageState, RoomSummary } from './client-types.ts'
import type { Spoken } from './rows.ts'

/** How many others have read it ([R8]). */
export function countReaders(item: Spoken, receipts: ReadonlyMap<UserId, Receipt>): number {
  if (item.kind === 'pending') return 0
  return [...receipts.values()].filter(({ read }) => read >= item.seq).length
}

/** The tick of a row of the room list: of my own last message, or of what has not left yet. */
export function summaryState(
  summary: RoomSummary,
  me: UserId,
  receipts: ReadonlyMap<UserId, Receipt> | undefined,
): MessageState | undefined {
  if (summary.failed > 0) return 'failed'
  if (summary.pending > 0) return 'sending'
  const { last } = summary
  if (last?.type !== 'message' || last.from !== me) return undefined
  const others = [...(receipts?.values() ?? [])]
  if (others.some((receipt) => receipt.read >= last.seq)) return 'read'
  return others.some((receipt) => receipt.delivered >= last.seq) ? 'delivered' : 'sent'
}

export { messageState } from '../../sdk/index.ts'
