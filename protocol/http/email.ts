/** Shapes of addresses of people, and of passwords that were forgotten (SPEC.md, MAIL1-MAIL5, RST1-RST4). */
import * as z from 'zod/mini'
import { MAX_EMAIL_LENGTH } from '../limits.ts'

export const emailSchema = z.email('an e-mail address').check(z.maxLength(MAX_EMAIL_LENGTH))

/** `email` null: none any more. */
export const setEmailInput = z.object({ email: z.nullable(emailSchema), password: z.string() })
/** The part of a mailed link that comes after its last slash. */
const linkToken = z.string().check(z.minLength(1), z.maxLength(100))
export const verifyEmailInput = z.object({ token: linkToken })
const identifier = z.string().check(z.minLength(1), z.maxLength(MAX_EMAIL_LENGTH))
export const passwordResetInput = z
  .object({ email: z.optional(identifier), username: z.optional(identifier) })
  .check(z.refine((who) => (who.email === undefined) !== (who.username === undefined), 'email or username, not both'))
export const finishPasswordResetInput = z.object({ token: linkToken, newPassword: z.string() })

/** Of the account; `emailVerified`: whether a link that was mailed there has been opened. */
export type EmailState = { email?: string; emailVerified?: boolean }
