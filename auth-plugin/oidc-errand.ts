/** What a browser carries while somebody is away at a provider: sealed, for a few minutes, in a cookie ([OIDC1]). */
import type { UserId } from '../protocol/ids.ts'
import type { OidcChecks, ProvenIdentity } from './oidc-client.ts'
import { decrypt, deriveKey, encrypt } from './secrets.ts'

/** On the way to the provider: to sign in, or to link what comes back with the account of a session. */
export type Journey = {
  kind: 'journey'
  checks: OidcChecks
  redirectUri: string
  /** The page of the web client that somebody wants to see. */
  to: string
  /** How the session will be called. */
  device?: string
  link?: { user: UserId; sessionId: string }
}
/** Proven by the provider; links with this account once its owner has signed in by other means. */
export type Offer = { kind: 'offer'; identity: ProvenIdentity; user: UserId }
export type Errand = Journey | Offer

export interface OidcErrands {
  seal(errand: Errand, now: number): string
  /** `undefined` for what we did not seal, or too long ago. */
  open<Kind extends Errand['kind']>(
    kind: Kind,
    sealed: string,
    now: number,
  ): Extract<Errand, { kind: Kind }> | undefined
}

export const OIDC_ERRAND_SECONDS = 600
const ABOUT = 'errand'

export function createOidcErrands(secretKey: Uint8Array): OidcErrands {
  const key = deriveKey(secretKey, 'errands to a sign-in provider')
  return {
    seal: (errand, now) => encrypt(key, JSON.stringify({ ...errand, until: now + OIDC_ERRAND_SECONDS * 1000 }), ABOUT),
    open(kind, sealed, now) {
      try {
        const errand = JSON.parse(decrypt(key, sealed, ABOUT))
        return errand.kind === kind && errand.until > now ? errand : undefined
      } catch {
        // Not ours.
        return undefined
      }
    },
  }
}
