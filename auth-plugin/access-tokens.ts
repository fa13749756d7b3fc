/** Access tokens: JWTs that only our own Ed25519 keys sign and only one spelling of which is taken (RFC 8725). */
import { errors, type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose'
import { ChatError } from '../protocol/errors.ts'
import { isUserId, type UserId } from '../protocol/ids.ts'
import { ACCESS_TOKEN_SECONDS, TOKEN_LEEWAY_SECONDS } from '../protocol/limits.ts'
import type { SigningKeys } from './signing-keys.ts'

const ALGORITHM = 'EdDSA'
const TYPE = 'at+jwt'
const PARTY = 'tidings'
/** Ours have about 350 characters. */
const LONGEST = 2_048

/** What an access token proves. `expiresAt` in milliseconds since 1970. */
export type AccessClaims = { user: UserId; sessionId: string; expiresAt: number }

export async function signAccessToken(
  keys: SigningKeys,
  user: UserId,
  sessionId: string,
  now: number,
): Promise<string> {
  const { id, privateKey } = await keys.current()
  const issuedAt = Math.floor(now / 1000)
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: ALGORITHM, kid: id, typ: TYPE })
    .setIssuer(PARTY)
    .setAudience(PARTY)
    .setSubject(user)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
    .sign(privateKey)
}

/** Throws `invalid_token` or `token_expired`; says nothing about whether the session lives. */
export async function verifyAccessToken(keys: SigningKeys, token: string, now: number): Promise<AccessClaims> {
  if (token.length > LONGEST) throw new ChatError('invalid_token')
  try {
    const { payload } = await jwtVerify(token, async (header) => findKey(keys, header), {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: PARTY,
      audience: PARTY,
      requiredClaims: ['sub', 'sid', 'exp', 'iat'],
      clockTolerance: TOKEN_LEEWAY_SECONDS,
      maxTokenAge: ACCESS_TOKEN_SECONDS,
      currentDate: new Date(now),
    })
    const { sub, sid, exp } = payload
    if (!isUserId(sub) || typeof sid !== 'string' || exp === undefined) throw new ChatError('invalid_token')
    return { user: sub, sessionId: sid, expiresAt: exp * 1000 }
  } catch (cause) {
    if (cause instanceof ChatError) throw cause
    if (cause instanceof errors.JWTExpired) throw new ChatError('token_expired', { cause })
    if (cause instanceof errors.JOSEError) throw new ChatError('invalid_token', { cause })
    throw new ChatError('unavailable', { cause })
  }
}

/** A header has these three fields and no other: no `jku`, `jwk`, `x5u` or `crit` ever has a say. */
async function findKey(keys: SigningKeys, header: JWTHeaderParameters) {
  const strange = Object.keys(header).some((name) => name !== 'alg' && name !== 'kid' && name !== 'typ')
  if (strange || header.alg !== ALGORITHM || typeof header.kid !== 'string') throw new ChatError('invalid_token')
  const key = await keys.find(header.kid)
  if (key === undefined) throw new ChatError('invalid_token')
  return key
}
