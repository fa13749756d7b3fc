import { FOREVER } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'

/** The least powerful target there could be: who may not even do it to him needs no look at the target. */
export const LEAST = { target: 'reader', role: 'reader' } as const

/** When a ban or mute is over. Throws `invalid_request` for a time that has passed. */
export function endOf(until: number | undefined, now: number): number {
  if (until === undefined) return FOREVER
  if (until > now) return until
  throw new ChatError('invalid_request', { details: [{ path: 'until', message: 'a time to come, in ms since 1970' }] })
}

/** What a ban or mute carries on the wire: its end, if it has one. */
export const shownEnd = (until: number): { until?: number } => (until >= FOREVER ? {} : { until })

export const cleanReason = (reason: string | undefined): { reason?: string } =>
  reason === undefined ? {} : { reason: reason.trim().normalize('NFC') }

export const notToOneself = (): ChatError =>
  new ChatError('conflict', { publicMessage: 'One cannot do this to oneself.' })

export const noSuchMember = (): ChatError => new ChatError('not_found', { publicMessage: 'There is no such member.' })
