import type { UserId } from '../protocol/ids.ts'
import { ACCESS_TOKEN_SECONDS } from '../protocol/limits.ts'
import { signAccessToken } from './access-tokens.ts'
import type { AccountsPort } from './accounts-port.ts'
import type { AuthPlugin, Refreshed, SignIn } from './auth-plugin.ts'
import { FULL_SCOPE } from './claims.ts'
import { APP_TOKEN_PREFIX, createCredentialCheck, requireNotSuspended } from './credential-check.ts'
import { createInviteCodes } from './invite-codes.ts'
import { createLoginGuard, networkOf, type Origin } from './login-guard.ts'
import { createOidcErrands } from './oidc-errand.ts'
import { createPasswords } from './passwords.ts'
import type { OpenCounter } from './rate-limits.ts'
import { newRefreshToken, REFRESH_TOKEN_MS, readRefreshToken } from './refresh-tokens.ts'
import { createSecondFactor } from './second-factor.ts'
import { deriveKey, randomText, sha256, tag } from './secrets.ts'
import { openSigningKeys } from './signing-keys.ts'

/**
 * Makes the plugin, and the first signing key when there is none. `secretKey`: that of the installation, at least 32
 * bytes; throws when the keys in the database were encrypted with another one. `loginsPerMinute`: failures allowed
 * per address and per user, 0 for no limit.
 */
export async function createAuthPlugin(deps: {
  accounts: AccountsPort
  secretKey: Uint8Array
  clock: { now(): number }
  loginsPerMinute: number
  /** Where failures are counted; in memory when absent. */
  openCounter?: OpenCounter
  bcryptCost?: number
}): Promise<AuthPlugin> {
  const { accounts, secretKey, clock } = deps
  const { sessions, suspensions } = accounts
  const refreshKey = deriveKey(secretKey, 'refresh tokens')
  const placeKey = deriveKey(secretKey, 'places of sign-in')
  const keys = await openSigningKeys({ store: accounts.signingKeys, secretKey, clock })
  const check = createCredentialCheck({ ...accounts, keys, clock })

  /** Where a sign-in came from, as it is remembered: no address leaves this function. */
  const placesOf = ({ address, browser }: Origin): string[] => [
    ...(address === undefined ? [] : [tag(placeKey, `address ${networkOf(address)}`)]),
    ...(browser === undefined ? [] : [tag(placeKey, `browser ${browser}`)]),
  ]

  async function issue(user: UserId, id: string, refreshToken: string, now: number): Promise<SignIn> {
    const accessToken = await signAccessToken(keys, user, id, now)
    const expiresAt = (Math.floor(now / 1000) + ACCESS_TOKEN_SECONDS) * 1000
    const session = { user, credential: { kind: 'session', id }, expiresAt, scope: FULL_SCOPE } as const
    return { session, accessToken, expiresIn: ACCESS_TOKEN_SECONDS, refreshToken }
  }

  async function refresh(refreshToken: string): Promise<Refreshed> {
    const read = readRefreshToken(refreshKey, refreshToken)
    if (read === undefined) return { ok: false, no: { code: 'invalid_token' } }
    const now = clock.now()
    const stored = await sessions.find(read.sessionId)
    if (stored === undefined || stored.endedAt !== null || now >= stored.expiresAt) {
      if (stored !== undefined) await requireNotSuspended(suspensions, stored.user, now)
      return { ok: false, no: { code: 'session_ended' } }
    }
    const { id, user } = stored
    const next = newRefreshToken(refreshKey, id)
    const swap = { from: read.hash, to: next.hash, at: now, expiresAt: now + REFRESH_TOKEN_MS }
    if (await sessions.rotate(id, swap)) return { ok: true, signIn: await issue(user, id, next.token, now) }
    // The token was ours and is not good any more: two have it, and one of them is not the owner.
    await sessions.end(user, { id }, now)
    check.forget({ user, credentials: [id] })
    return { ok: false, no: { code: 'session_ended' }, ended: { user, id } }
  }

  return {
    verify: check.verify,
    forget: check.forget,
    refresh,

    async signIn(user, place) {
      const now = clock.now()
      await requireNotSuspended(suspensions, user, now)
      const id = randomText(16)
      const { token, hash } = newRefreshToken(refreshKey, id)
      await sessions.create({
        id,
        user,
        device: place.device ?? '',
        refreshHash: hash,
        createdAt: now,
        expiresAt: now + REFRESH_TOKEN_MS,
        places: placesOf(place),
      })
      // Suspended meanwhile: the suspension ended the session, or was there before it.
      await requireNotSuspended(suspensions, user, now)
      return issue(user, id, token, now)
    },

    async sessionOf(refreshToken) {
      const read = readRefreshToken(refreshKey, refreshToken)
      const stored = read && (await sessions.find(read.sessionId))
      return stored && { user: stored.user, id: stored.id }
    },

    newAppToken() {
      const token = `${APP_TOKEN_PREFIX}${randomText(32)}`
      return { token, hash: sha256(token) }
    },

    jwks: async () => ({ keys: await keys.publicKeys() }),
    rotateSigningKey: keys.rotate,
    reloadSigningKeys: keys.reload,
    passwords: createPasswords(deps.bcryptCost),
    loginGuard: createLoginGuard({
      perMinute: deps.loginsPerMinute,
      sessions,
      placesOf,
      ...(deps.openCounter !== undefined && { openCounter: deps.openCounter }),
    }),
    secondFactor: createSecondFactor(secretKey),
    inviteCodes: createInviteCodes(secretKey),
    oidcErrands: createOidcErrands(secretKey),
  }
}
