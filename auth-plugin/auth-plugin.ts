import type { Refusal } from '../protocol/errors.ts'
import type { UserId } from '../protocol/ids.ts'
import type { Session } from './claims.ts'
import type { InviteCodes } from './invite-codes.ts'
import type { LoginGuard } from './login-guard.ts'
import type { OidcErrands } from './oidc-errand.ts'
import type { Passwords } from './passwords.ts'
import type { SecondFactor } from './second-factor.ts'

/** What a sign-in or a refresh gives. `expiresIn`: seconds that the access token is good for. */
export type SignIn = { session: Session; accessToken: string; expiresIn: number; refreshToken: string }

/** Where somebody signs in: the name for the list of sessions; address and browser only ever leave as keyed hashes. */
export type Place = { device?: string; address?: string; browser?: string }

/** The answer to a refresh. `ended`: an old token was used again, so this call ended the whole session. */
export type Refreshed = { ok: true; signIn: SignIn } | { ok: false; no: Refusal; ended?: { user: UserId; id: string } }

/** Credentials that have ended, as the bus tells it; `all` are app tokens too. */
export type Ended = { user: UserId; credentials: readonly string[] | 'all-sessions' | 'all' }

/** The first of the two questions: who are you? The second one is answered by the topic policy. */
export interface AuthPlugin {
  /**
   * Proves an access token or an app token (`tdt_...`). Throws `invalid_token`, `token_expired`, `session_ended`,
   * `suspended`, or `unavailable` when the database does not answer. What has ended elsewhere is noticed within 5 s, what `forget`
   * was told at once.
   */
  verify(credential: string): Promise<Session>
  /** Drops what is remembered of ended credentials: for the bus note `ended`. */
  forget(ended: Ended): void

  /** Begins a session for somebody who has proven who he is. Throws `suspended`. */
  signIn(user: UserId, place: Place): Promise<SignIn>
  /** Swaps a refresh token for its successor; each is good once. */
  refresh(refreshToken: string): Promise<Refreshed>
  /** The session that a refresh token was made for, used before or not; `undefined` for one that we never made. */
  sessionOf(refreshToken: string): Promise<{ user: UserId; id: string } | undefined>
  /** A new app token and the hash to store; the token itself is kept nowhere. */
  newAppToken(): { token: string; hash: string }

  /** The public keys, for `/.well-known/jwks.json`. */
  jwks(): Promise<{ keys: Record<string, string>[] }>
  /** A new key signs from now on; tokens of the old ones stay good until they expire. */
  rotateSigningKey(): Promise<void>
  /** Somebody else has rotated the key: reads them again. */
  reloadSigningKeys(): Promise<void>

  readonly passwords: Passwords
  readonly loginGuard: LoginGuard
  readonly secondFactor: SecondFactor
  readonly inviteCodes: InviteCodes
  readonly oidcErrands: OidcErrands
}
