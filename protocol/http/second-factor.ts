/** Two-factor sign-in and passkeys: the shapes of their operations (SPEC.md, MFA1-MFA6, KEY1-KEY6). */
import * as z from 'zod/mini'
import { nameSchema } from '../http.ts'

/** Credentials and what is signed with them, as browsers spell bytes. */
const base64Url = (max: number) => z.string().check(z.maxLength(max), z.regex(/^[\w-]+$/, 'base64url'))

const credential = { id: base64Url(1400), rawId: base64Url(1400), type: z.literal('public-key') }
const extensions = z._default(z.record(z.string(), z.unknown()), {})

/** What `navigator.credentials.create` answers, as JSON. */
const createdSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64Url(8_000),
    attestationObject: base64Url(32_000),
    transports: z.optional(z.array(z.string().check(z.maxLength(32))).check(z.maxLength(10))),
  }),
  clientExtensionResults: extensions,
})
/** What `navigator.credentials.get` answers, as JSON. */
const signedSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64Url(8_000),
    authenticatorData: base64Url(8_000),
    signature: base64Url(8_000),
    userHandle: z.optional(base64Url(128)),
  }),
  clientExtensionResults: extensions,
})

const ticket = z.string().check(z.maxLength(256))
export const ticketInput = z.object({ ticket })
/** One of the two: a code, of an app or on paper, or what a passkey has signed. */
export const finishLoginInput = z
  .object({ ticket, otp: z.optional(z.string()), credential: z.optional(signedSchema), device: z.optional(nameSchema) })
  .check(
    z.refine(
      (input) => (input.otp === undefined) !== (input.credential === undefined),
      'otp or credential, one of them',
    ),
  )
export const passkeyLoginInput = z.object({ credential: signedSchema, device: z.optional(nameSchema) })

/** `password`: may be left out shortly after a sign-in. */
export const proofInput = z.object({ password: z.optional(z.string()) })
export const confirmTotpInput = z.object({ otp: z.string() })
/** `password`: of whom has one. */
export const removeTotpInput = z.object({ password: z.optional(z.string()), otp: z.string() })
export const addPasskeyInput = z.object({ credential: createdSchema, name: z._default(nameSchema, 'Passkey') })
const passkey = z.string().check(z.maxLength(64), z.regex(/^[\w-]+$/))
export const renamePasskeyInput = z.object({ passkey, name: nameSchema })
export const removePasskeyInput = z.object({ passkey, password: z.optional(z.string()) })

/** In `details` of `second_factor_required`: what the user has, and what to go on with within five minutes. */
export type SecondFactorAsked = { methods: ('otp' | 'passkey')[]; ticket: string }
/** `recoveryCodes`: how many are left. */
export type SecondFactorInfo = { totp: boolean; passkeys: number; recoveryCodes: number }
/** The secret to type, and the same as the address that a QR code shows to an app. */
export type NewTotp = { secret: string; uri: string }
/** Shown this once. */
export type NewRecoveryCodes = { recoveryCodes: string[] }
export type PasskeyInfo = { id: string; name: string; createdAt: number; lastUsedAt: number | null }
