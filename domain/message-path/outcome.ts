import { ChatError, errorBody, type Refusal } from '../../protocol/errors.ts'
import type { Rejection } from '../../protocol/requests.ts'
import type { ArchivedEvent } from '../../store/index.ts'

/** How a walk through the house ended. `pauseMs`: read nothing more from this sender for so long ([LIM4]). */
export type Outcome =
  | { ok: true; event?: ArchivedEvent; compact?: boolean; pauseMs?: number }
  | { ok: false; no: Refusal; id?: string; pauseMs?: number }

export const refused = (no: Refusal, id?: string): Outcome => ({ ok: false, no, ...(id !== undefined && { id }) })

/** A thrown error as a no; what is not a ChatError is a bug, reported to `onBug` and answered `internal`. */
export function refusalOf(error: unknown, onBug: (error: unknown) => void): Refusal {
  if (!(error instanceof ChatError)) onBug(error)
  return errorBody(error)
}

/** The no as it goes to the sender's `replies` topic ([REJ1]). */
export function rejection(topic: string, outcome: Extract<Outcome, { ok: false }>): Rejection {
  const body = errorBody(
    new ChatError(outcome.no.code, outcome.no.message === undefined ? {} : { publicMessage: outcome.no.message }),
  )
  return {
    type: 'rejected',
    ...(outcome.id !== undefined && { id: outcome.id }),
    topic,
    code: body.code,
    message: body.message,
    ...(outcome.no.retryAfterMs !== undefined && { retryAfterMs: outcome.no.retryAfterMs }),
  }
}
