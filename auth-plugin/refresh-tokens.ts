/**
 * Refresh tokens: `tdr_{session}.{random}.{tag}`. The tag is keyed, so that an old token of ours, which ends its
 * session when it is used again, can be told from one that somebody made up to end it.
 */
import { randomText, sameText, sha256, tag } from './secrets.ts'

const PREFIX = 'tdr_'
export const REFRESH_TOKEN_MS = 30 * 24 * 3_600_000

export type RefreshToken = { token: string; hash: string }

export function newRefreshToken(key: Uint8Array, sessionId: string): RefreshToken {
  const body = `${sessionId}.${randomText(32)}`
  const token = `${PREFIX}${body}.${tag(key, body)}`
  return { token, hash: sha256(token) }
}

/** The session of a token that was made with this key; `undefined` for any other text. */
export function readRefreshToken(key: Uint8Array, token: string): { sessionId: string; hash: string } | undefined {
  if (!token.startsWith(PREFIX) || token.length > 256) return undefined
  const [sessionId, secret, mark, rest] = token.slice(PREFIX.length).split('.')
  if (!sessionId || !secret || mark === undefined || rest !== undefined) return undefined
  if (!sameText(mark, tag(key, `${sessionId}.${secret}`))) return undefined
  return { sessionId, hash: sha256(token) }
}
