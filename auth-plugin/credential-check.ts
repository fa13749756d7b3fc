/** Who does a credential belong to, and does it still stand? What is remembered is asked again after five seconds. */
import { ChatError } from '../protocol/errors.ts'
import type { RoomId, UserId } from '../protocol/ids.ts'
import { TOKEN_LEEWAY_SECONDS } from '../protocol/limits.ts'
import { verifyAccessToken } from './access-tokens.ts'
import type { AppTokenStore, SessionStore, StoredAppToken, SuspensionStore } from './accounts-port.ts'
import type { Ended } from './auth-plugin.ts'
import { FULL_SCOPE, type Session } from './claims.ts'
import { createRecentMap } from './recent-map.ts'
import { sha256 } from './secrets.ts'
import type { SigningKeys } from './signing-keys.ts'

export const APP_TOKEN_PREFIX = 'tdt_'
const REMEMBERED_MS = 5_000
const REMEMBERED = 20_000
const USE_WRITTEN_MS = 60_000

export type CredentialCheck = { verify(credential: string): Promise<Session>; forget(ended: Ended): void }

export function createCredentialCheck(options: {
  sessions: Pick<SessionStore, 'find'>
  appTokens: AppTokenStore
  suspensions: SuspensionStore
  keys: SigningKeys
  clock: { now(): number }
}): CredentialCheck {
  const { sessions, appTokens, suspensions, keys, clock } = options
  /** Signatures that were right, by token: what does not change until the token expires. */
  const signed = createRecentMap<string, Session>(REMEMBERED)
  /** Credentials that stood, by session id or hash of the app token. */
  const standing = createRecentMap<string, { session: Session; checkedAt: number }>(REMEMBERED)
  let endings = 0

  async function verify(credential: string): Promise<Session> {
    return credential.startsWith(APP_TOKEN_PREFIX) ? verifyAppToken(credential) : verifyAccess(credential)
  }

  async function verifyAccess(token: string): Promise<Session> {
    const session = signed.get(token) ?? (await readAccess(token))
    if (clock.now() >= (session.expiresAt ?? 0) + TOKEN_LEEWAY_SECONDS * 1000) throw new ChatError('token_expired')
    return remembered(session.credential.id, async () => {
      const stored = await sessions.find(session.credential.id)
      if (stored === undefined || stored.endedAt !== null || stored.user !== session.user) {
        await requireNotSuspended(suspensions, session.user, clock.now())
        throw new ChatError('session_ended')
      }
      return session
    }).then((standing) => {
      // Remembered of another token of the session, which may have been another user's.
      if (standing.user !== session.user) throw new ChatError('session_ended')
      return session
    })
  }

  async function readAccess(token: string): Promise<Session> {
    const { user, sessionId, expiresAt } = await verifyAccessToken(keys, token, clock.now())
    const session: Session = { user, credential: { kind: 'session', id: sessionId }, expiresAt, scope: FULL_SCOPE }
    signed.set(token, session)
    return session
  }

  async function verifyAppToken(token: string): Promise<Session> {
    const hash = sha256(token)
    const session = await remembered(hash, async () => {
      const stored = await appTokens.findByHash(hash)
      if (stored === undefined) throw new ChatError('invalid_token')
      await requireNotSuspended(suspensions, stored.user, clock.now())
      await noteUse(stored)
      return sessionOf(stored)
    })
    if (session.expiresAt !== null && clock.now() >= session.expiresAt) {
      throw new ChatError('invalid_token', { publicMessage: 'The app token has expired.' })
    }
    return session
  }

  /** `look` asks the database; what ends while it answers makes it ask again, so that no note is missed. */
  async function remembered(key: string, look: () => Promise<Session>): Promise<Session> {
    const known = standing.get(key)
    if (known !== undefined && clock.now() - known.checkedAt < REMEMBERED_MS) return known.session
    standing.delete(key)
    for (;;) {
      const endingsBefore = endings
      const checkedAt = clock.now()
      const session = await look().catch((cause: unknown) => {
        throw cause instanceof ChatError ? cause : new ChatError('unavailable', { cause })
      })
      if (endings !== endingsBefore) continue
      standing.set(key, { session, checkedAt })
      return session
    }
  }

  async function noteUse(stored: StoredAppToken): Promise<void> {
    const now = clock.now()
    if (stored.lastUsedAt !== null && now - stored.lastUsedAt < USE_WRITTEN_MS) return
    await appTokens.used(stored.id, now)
  }

  return {
    verify,
    forget({ user, credentials }) {
      endings++
      standing.deleteWhere(({ session }) => {
        if (credentials === 'all') return session.user === user
        if (credentials !== 'all-sessions') return credentials.includes(session.credential.id)
        return session.user === user && session.credential.kind === 'session'
      })
    },
  }
}

/** Throws `suspended`, with the reason and the end in the details: for those who have proven who they are. */
export async function requireNotSuspended(suspensions: SuspensionStore, user: UserId, at: number): Promise<void> {
  const suspension = await suspensions.current(user, at)
  if (suspension === undefined) return
  const { reason, until } = suspension
  throw new ChatError('suspended', { details: { reason, ...(until !== undefined && { until }) } })
}

function sessionOf(stored: StoredAppToken): Session {
  return {
    user: stored.user,
    credential: { kind: 'app-token', id: stored.id },
    expiresAt: stored.expiresAt,
    scope: { rooms: stored.rooms === null ? null : new Set<RoomId>(stored.rooms), access: stored.access },
  }
}
