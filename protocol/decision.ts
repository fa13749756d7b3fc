import type { Refusal } from './errors.ts'

/** The answer to "may you?": a value, never an exception. */
export type Decision = { ok: true } | { ok: false; no: Refusal }

export const ALLOWED: Decision = { ok: true }
export const refuse = (code: Refusal['code'], message?: string): Decision => ({
  ok: false,
  no: message === undefined ? { code } : { code, message },
})
/** A yes, or the plain no. */
export const grant = (allowed: boolean): Decision => (allowed ? ALLOWED : refuse('forbidden'))
