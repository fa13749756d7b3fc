import pg from 'pg'
import { ChatError } from '../protocol/errors.ts'

/**
 * Classes and codes of PostgreSQL's errors after which the same statement may succeed: the connection or the server
 * went away, a resource is short (disk, memory, connections), a time-out, a conflict with another transaction, a batch out of turn (TD001).
 */
const TEMPORARY_CLASSES = new Set(['08', '53', '57', '58', '40'])
const TEMPORARY_CODES = new Set(['55P03', '25P03', '25P04', '25006', 'TD001'])

/** Whether the error says that the database is not there, or not able, for now. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof ChatError) return error.code === 'unavailable'
  // What the server did not say, the driver says: refused, reset, timed out.
  if (!(error instanceof pg.DatabaseError)) return !(error instanceof TypeError || error instanceof RangeError)
  const code = error.code ?? ''
  return TEMPORARY_CLASSES.has(code.slice(0, 2)) || TEMPORARY_CODES.has(code)
}

/** An error of the driver as the house knows it; mistakes in statements stay what they are. */
export function translateError(error: unknown): unknown {
  if (error instanceof ChatError || !isUnavailable(error)) return error
  return new ChatError('unavailable', { cause: error })
}

/** The constraint that a statement violated. */
export function violatedConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code?.startsWith('23') ? error.constraint : undefined
}
