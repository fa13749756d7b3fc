import { ChatError, type ErrorCode, errorCatalogue } from '../../../protocol/errors.ts'

/** What went wrong, in one line for people. */
export function failureText(error: unknown): string {
  if (!(error instanceof ChatError)) return errorCatalogue.internal.message
  if (error.retryAfterMs !== undefined && error.code === 'rate_limited') {
    return `Too many attempts. Try again in ${Math.ceil(error.retryAfterMs / 1000)} s.`
  }
  if (error.code === 'suspended') return suspensionText(error)
  return error.code === 'unavailable'
    ? 'No answer from the server. Check the network and try again.'
    : error.publicMessage
}

/** Told to those who have the right password. */
function suspensionText({ publicMessage, details }: ChatError): string {
  const { reason, until } = (details ?? {}) as { reason?: string; until?: number }
  const end = until === undefined ? '' : ` It ends on ${new Date(until).toLocaleDateString()}.`
  return `${publicMessage}${end}${reason === undefined ? '' : ` Reason: ${reason}`}`
}

export const failureCode = (error: unknown): ErrorCode => (error instanceof ChatError ? error.code : 'internal')
export const codeText = (code: ErrorCode): string => errorCatalogue[code].message
