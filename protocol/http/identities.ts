/** Shapes of sign-ins with a provider (SPEC.md, OIDC1-OIDC7). */
import * as z from 'zod/mini'

/** Somebody as the provider knows him; `name`: how the owner recognises it. Times in ms since 1970. */
export type Identity = { id: string; name: string; createdAt: number; lastUsedAt: number | null }

export const identityInput = z.object({
  identity: z.string().check(z.minLength(1), z.maxLength(64), z.regex(/^[\w-]+$/)),
})
export const setPasswordInput = z.object({ newPassword: z.string() })

/** What the web client is told in the address that a visit at the provider ends at: `?oidc=...`, or an error code. */
export type OidcReturn = 'signed-in' | 'linked' | 'confirm'
