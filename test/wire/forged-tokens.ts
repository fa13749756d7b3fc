/** Access tokens as nobody may make them: each wrong in one way, all others as they should be. */
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

type Json = Readonly<Record<string, unknown>>

/** What a good token is made of: the key that the server signs with, and a session that stands. */
export type Original = { kid: string; privateKey: KeyObject; user: string; sessionId: string }

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const seconds = (): number => Math.floor(Date.now() / 1000)

const claimsOf = ({ user, sessionId }: Original): Json => ({
  ...{ iss: 'tidings', aud: 'tidings', sub: user, sid: sessionId, iat: seconds(), exp: seconds() + 900 },
})
const headerOf = ({ kid }: Original): Json => ({ alg: 'EdDSA', kid, typ: 'at+jwt' })

/** Signed as the server does, with a header and claims of one's own; `undefined` takes a field out. */
export function makeToken(original: Original, header: Json = {}, claims: Json = {}, key = original.privateKey): string {
  const text = `${encode({ ...headerOf(original), ...header })}.${encode({ ...claimsOf(original), ...claims })}`
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}

function unsigned(original: Original, header: Json): string {
  return `${encode({ ...headerOf(original), ...header })}.${encode(claimsOf(original))}.`
}

function withMac(original: Original, secret: string | Uint8Array, alg = 'HS256'): string {
  const text = `${encode({ ...headerOf(original), alg })}.${encode(claimsOf(original))}`
  const hash = alg === 'HS512' ? 'sha512' : 'sha256'
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`
}

function withStrangersKey(original: Original, alg: string, header: Json = {}): string {
  const text = `${encode({ ...headerOf(original), alg, ...header })}.${encode(claimsOf(original))}`
  const key = alg.startsWith('ES') ? strangers.ec : strangers.rsa
  const options = { key, ...(alg.startsWith('ES') && { dsaEncoding: 'ieee-p1363' as const }) }
  return `${text}.${sign('sha256', Buffer.from(text), options).toString('base64url')}`
}

const strangers = {
  ed: generateKeyPairSync('ed25519').privateKey,
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
}
const strangersJwk = {
  ...createPublicKey(strangers.ed).export({ format: 'jwk' }),
  kid: 'mine',
  alg: 'EdDSA',
  use: 'sig',
}
const HOME = 'https://evil.example/keys.json'

/** By what is wrong with them. */
export function forgedTokens(original: Original): Record<string, string> {
  const good = makeToken(original)
  const [head = '', body = '', tail = ''] = good.split('.')
  const publicKey = createPublicKey(original.privateKey)
  const jwk = publicKey.export({ format: 'jwk' })
  const by = (header: Json, claims: Json = {}, key?: KeyObject) => makeToken(original, header, claims, key)
  return {
    'alg none': unsigned(original, { alg: 'none' }),
    'alg None': unsigned(original, { alg: 'None' }),
    'alg NONE, no kid': unsigned(original, { alg: 'NONE', kid: undefined }),
    'alg none with a signature': `${encode({ ...headerOf(original), alg: 'none' })}.${body}.${tail}`,
    'no alg': by({ alg: undefined }),
    'alg as a list': by({ alg: ['EdDSA'] }),
    'HS256 with the public key as PEM': withMac(original, String(publicKey.export({ format: 'pem', type: 'spki' }))),
    'HS256 with the public key as DER': withMac(original, publicKey.export({ format: 'der', type: 'spki' })),
    'HS256 with the public key as it is': withMac(original, Buffer.from(String(jwk.x), 'base64url')),
    'HS256 with the public key as text': withMac(original, String(jwk.x)),
    'HS256 with the public key as JWK': withMac(original, JSON.stringify(jwk)),
    'HS256 with nothing': withMac(original, ''),
    'HS512 with the public key as text': withMac(original, String(jwk.x), 'HS512'),
    'RS256 of a stranger': withStrangersKey(original, 'RS256'),
    'ES256 of a stranger': withStrangersKey(original, 'ES256'),
    'EdDSA of a stranger under our kid': by({}, {}, strangers.ed),
    'unknown kid': by({ kid: 'unknown' }, {}, strangers.ed),
    'our key, unknown kid': by({ kid: 'unknown' }),
    'our key, no kid': by({ kid: undefined }),
    'kid as a number': by({ kid: 1 }),
    'kid as a list': by({ kid: [original.kid] }),
    'kid __proto__': by({ kid: '__proto__' }),
    'kid constructor': by({ kid: 'constructor' }, {}, strangers.ed),
    'kid as a path': withMac({ ...original, kid: '../../../dev/null' }, ''),
    'kid as SQL': by({ kid: `x' union select '${jwk.x}' --` }, {}, strangers.ed),
    'kid without end': by({ kid: 'k'.repeat(3_000) }),
    'kid with NUL': by({ kid: `${original.kid}\0` }),
    'jku, key of a stranger': by({ kid: 'mine', jku: HOME }, {}, strangers.ed),
    'jku beside our key': by({ jku: HOME }),
    'x5u beside our key': by({ x5u: HOME }),
    'x5c beside our key': by({ x5c: ['MIIB'] }),
    'jwk, key of a stranger': by({ kid: 'mine', jwk: strangersJwk }, {}, strangers.ed),
    'jwk under our kid': by({ jwk: strangersJwk }, {}, strangers.ed),
    'jwk beside our key': by({ jwk }),
    'unknown crit': by({ crit: ['of-mine'], 'of-mine': true }),
    'empty crit': by({ crit: [] }),
    'crit b64': by({ crit: ['b64'], b64: false }),
    zip: by({ zip: 'DEF' }),
    expired: by({}, { iat: seconds() - 800, exp: seconds() - 40 }),
    'older than a token gets': by({}, { iat: seconds() - 1_000, exp: seconds() + 900 }),
    'no exp': by({}, { exp: undefined }),
    'exp as text': by({}, { exp: String(seconds() + 900) }),
    'exp as null': by({}, { exp: null }),
    'not yet valid': by({}, { nbf: seconds() + 300 }),
    'made in the future': by({}, { iat: seconds() + 300 }),
    'no iat': by({}, { iat: undefined }),
    'wrong issuer': by({}, { iss: 'https://evil.example' }),
    'no issuer': by({}, { iss: undefined }),
    'wrong audience': by({}, { aud: 'another-service' }),
    'no audience': by({}, { aud: undefined }),
    'typ JWT': by({ typ: 'JWT' }),
    'typ of an id token': by({ typ: 'id+jwt' }),
    'no typ': by({ typ: undefined }),
    'no subject': by({}, { sub: undefined }),
    'a subject that is no user name': by({}, { sub: `${original.user}\0` }),
    'another subject': by({}, { sub: 'nobody' }),
    'no session': by({}, { sid: undefined }),
    'a session that never was': by({}, { sid: 'AAAAAAAAAAAAAAAAAAAAAA' }),
    'another session under the signature': `${head}.${encode({ ...claimsOf(original), sid: 'x' })}.${tail}`,
    'no signature': `${head}.${body}.`,
    'half a signature': `${head}.${body}.${tail.slice(0, 40)}`,
    'two parts': `${head}.${body}`,
    'four parts': `${good}.${tail}`,
    'as of an encrypted token': `${head}.${body}.${tail}.${tail}.${tail}`,
    'a signature of zeros': `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
    'claims that are no object': `${head}.${encode([])}.${tail}`,
    'not JSON': `${Buffer.from('{').toString('base64url')}.${body}.${tail}`,
  }
}
