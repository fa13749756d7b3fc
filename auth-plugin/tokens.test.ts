// Long, as it is one list: every way to pass off a token that is not ours, each with the same fixtures.
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RoomId, UserId } from '../protocol/ids.ts'
import type { Accounts } from '../store/index.ts'
import { openTestStore, type TestStore } from '../store/test/open-test-store.ts'
import { type AuthPlugin, createAuthPlugin } from './index.ts'
import { decrypt, deriveKey } from './secrets.ts'

const secretKey = new Uint8Array(32).fill(7)
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let accounts: Accounts
let store: TestStore
let now = 1_763_652_000_000
const clock = { now: () => now }
let auth: AuthPlugin
let alice: UserId
let users = 0

const openPlugin = () => createAuthPlugin({ accounts, secretKey, clock, loginsPerMinute: 10, bcryptCost: 4 })

beforeAll(async () => {
  store = await openTestStore()
  accounts = store.accounts
  auth = await openPlugin()
})
afterAll(() => store?.close())
beforeEach(async () => {
  alice = `alice-${users++}` as UserId
  await accounts.users.create({ id: alice, displayName: 'Alice', createdAt: now }, { passwordHash: 'none' })
})

const refusal = (code: string) => expect.objectContaining({ code })
const end = (id: string) => accounts.sessions.end(alice, { id }, now)

describe('access tokens', () => {
  test('[TOK1] say what the contract says', async () => {
    const { accessToken, expiresIn, session } = await auth.signIn(alice, {})
    const [kid] = (await auth.jwks()).keys.map((key) => key.kid)
    expect(decodeProtectedHeader(accessToken)).toEqual({ alg: 'EdDSA', kid, typ: 'at+jwt' })
    const seconds = Math.floor(now / 1000)
    expect(decodeJwt(accessToken)).toEqual({
      ...{ iss: 'tidings', aud: 'tidings', sub: alice, sid: session.credential.id },
      ...{ iat: seconds, exp: seconds + 900 },
    })
    expect(expiresIn).toBe(900)
    expect(await auth.verify(accessToken)).toEqual({
      user: alice,
      credential: { kind: 'session', id: session.credential.id },
      expiresAt: (seconds + 900) * 1000,
      scope: { rooms: null, access: 'write' },
    })
  })

  test('[TOK1] are good for fifteen minutes and half a minute of leeway, remembered or not', async () => {
    const { accessToken } = await auth.signIn(alice, {})
    const began = now
    const stranger = await openPlugin()
    now = began + 15 * MINUTE + 29_000
    await auth.verify(accessToken)
    await stranger.verify(accessToken)
    now = began + 15 * MINUTE + 31_000
    await expect(auth.verify(accessToken)).rejects.toEqual(refusal('token_expired'))
    await expect((await openPlugin()).verify(accessToken)).rejects.toEqual(refusal('token_expired'))
  })

  test('[P6] are refused at once when their session has ended here, within 5 s when elsewhere', async () => {
    const one = await auth.signIn(alice, {})
    const two = await auth.signIn(alice, {})
    const elsewhere = await openPlugin()
    for (const { accessToken } of [one, two]) {
      await auth.verify(accessToken)
      await elsewhere.verify(accessToken)
    }
    await end(one.session.credential.id)
    auth.forget({ user: alice, credentials: [one.session.credential.id] })
    await expect(auth.verify(one.accessToken)).rejects.toEqual(refusal('session_ended'))
    await auth.verify(two.accessToken)
    now += 5_000
    await expect(elsewhere.verify(one.accessToken)).rejects.toEqual(refusal('session_ended'))
    await elsewhere.verify(two.accessToken)
    await accounts.sessions.end(alice, { all: true }, now)
    elsewhere.forget({ user: alice, credentials: 'all-sessions' })
    await expect(elsewhere.verify(two.accessToken)).rejects.toEqual(refusal('session_ended'))
  })

  test('[P6] a session that ends while it is looked up is not remembered as standing', async () => {
    const { accessToken, session } = await auth.signIn(alice, {})
    let answer = () => {}
    const asked = new Promise<void>((resolve) => {
      answer = resolve
    })
    let hold = true
    const slow: Accounts = {
      ...accounts,
      sessions: {
        ...accounts.sessions,
        async find(id) {
          const found = await accounts.sessions.find(id)
          if (hold) await asked
          return found
        },
      },
    }
    const plugin = await createAuthPlugin({ accounts: slow, secretKey, clock, loginsPerMinute: 0, bcryptCost: 4 })
    const verifying = expect(plugin.verify(accessToken)).rejects.toEqual(refusal('session_ended'))
    await end(session.credential.id)
    plugin.forget({ user: alice, credentials: [session.credential.id] })
    hold = false
    answer()
    await verifying
  })
})

describe('[TOK2] forged access tokens', () => {
  type Change = { header?: Record<string, unknown>; claims?: JWTPayload; remove?: string; key?: KeyObject }

  /** The real private key of the server, so that nothing but the change under test is wrong. */
  async function ownKey(): Promise<{ kid: string; privateKey: KeyObject; publicKey: KeyObject }> {
    const [stored] = await accounts.signingKeys.list()
    if (stored === undefined) throw new Error('there is no key')
    const text = decrypt(deriveKey(secretKey, 'signing keys'), stored.privateKey, stored.id)
    const publicKey = createPublicKey({ key: stored.publicKey, format: 'jwk' })
    return { kid: stored.id, privateKey: createPrivateKey(text), publicKey }
  }

  const claimsFor = (sid: string): JWTPayload => {
    const iat = Math.floor(now / 1000)
    return { iss: 'tidings', aud: 'tidings', sub: alice, sid, iat, exp: iat + 900 }
  }

  async function forge({ header, claims, remove, key }: Change): Promise<string> {
    const { session } = await auth.signIn(alice, {})
    const { kid, privateKey } = await ownKey()
    const payload = { ...claimsFor(session.credential.id), ...claims }
    if (remove !== undefined) delete payload[remove]
    return new SignJWT(payload)
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'at+jwt', ...header })
      .sign(key ?? privateKey, { crit: { strange: true } })
  }

  test('the same way of making one without a change is accepted', async () => {
    await expect(forge({}).then(auth.verify)).resolves.toMatchObject({ user: alice })
  })

  const stranger = generateKeyPairSync('ed25519')
  const jwk = stranger.publicKey.export({ format: 'jwk' })
  const changes: [string, Change][] = [
    ['another key', { key: stranger.privateKey }],
    ['an unknown kid', { header: { kid: 'nobody' } }],
    ['no kid', { header: { kid: undefined } }],
    ['a kid that is a path', { header: { kid: '../../dev/null' } }],
    ['a key in jwk', { header: { jwk }, key: stranger.privateKey }],
    ['a key in jwk and no kid', { header: { jwk, kid: undefined }, key: stranger.privateKey }],
    ['a key at jku', { header: { jku: 'http://127.0.0.1:1/keys' }, key: stranger.privateKey }],
    ['jku with the right key', { header: { jku: 'http://127.0.0.1:1/keys' } }],
    ['x5u', { header: { x5u: 'http://127.0.0.1:1/cert' } }],
    ['x5c', { header: { x5c: ['AAAA'] } }],
    ['an unknown crit with the right key', { header: { crit: ['strange'], strange: true } }],
    ['another type', { header: { typ: 'JWT' } }],
    ['no type', { header: { typ: undefined } }],
    ['another issuer', { claims: { iss: 'someone' } }],
    ['another audience', { claims: { aud: 'another' } }],
    ['no expiry', { remove: 'exp' }],
    ['no issue time', { remove: 'iat' }],
    ['no user', { remove: 'sub' }],
    ['no session', { remove: 'sid' }],
    ['no issuer', { remove: 'iss' }],
    ['no audience', { remove: 'aud' }],
    ['a session that is a number', { claims: { sid: 5 } }],
    ['a user that is a pattern', { claims: { sub: '+' } }],
    ['a user called __proto__', { claims: { sub: '__proto__' } }],
    ['not before tomorrow', { claims: { nbf: Math.floor(now / 1000) + 24 * 3600 } }],
    [
      'issued tomorrow',
      { claims: { iat: Math.floor(now / 1000) + 24 * 3600, exp: Math.floor(now / 1000) + 25 * 3600 } },
    ],
    ['an expiry as text', { claims: { exp: 'never' as unknown as number } }],
  ]
  test.each(changes)('%s: refused', async (_name, change) => {
    await expect(forge(change).then(auth.verify)).rejects.toEqual(refusal('invalid_token'))
  })

  test('expired, or issued too long ago for its expiry: refused', async () => {
    const seconds = Math.floor(now / 1000)
    await expect(forge({ claims: { iat: seconds - 900, exp: seconds - 31 } }).then(auth.verify)).rejects.toEqual(
      refusal('token_expired'),
    )
    await expect(forge({ claims: { iat: seconds - 9000, exp: seconds + 900 } }).then(auth.verify)).rejects.toEqual(
      refusal('token_expired'),
    )
  })

  test("another user's name on a session: refused", async () => {
    await expect(forge({ claims: { sub: 'mallory' } }).then(auth.verify)).rejects.toEqual(refusal('session_ended'))
    await expect(forge({ claims: { sid: 'made-up' } }).then(auth.verify)).rejects.toEqual(refusal('session_ended'))
  })

  test('alg none, in any spelling: refused', async () => {
    const { session } = await auth.signIn(alice, {})
    const { kid } = await ownKey()
    const unsecured = new UnsecuredJWT(claimsFor(session.credential.id)).encode()
    const body = unsecured.split('.')[1]
    await expect(auth.verify(unsecured)).rejects.toEqual(refusal('invalid_token'))
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null]) {
      const header = Buffer.from(JSON.stringify({ alg, kid, typ: 'at+jwt' })).toString('base64url')
      await expect(auth.verify(`${header}.${body}.`)).rejects.toEqual(refusal('invalid_token'))
    }
  })

  test.each(['HS256', 'HS384', 'HS512'])('%s with the public key as its secret: refused', async (alg) => {
    const { session } = await auth.signIn(alice, {})
    const { kid, publicKey } = await ownKey()
    const { x = '' } = publicKey.export({ format: 'jwk' })
    const secrets = [
      Buffer.from(x, 'base64url'),
      Buffer.from(x),
      publicKey.export({ format: 'der', type: 'spki' }),
      Buffer.from(publicKey.export({ format: 'pem', type: 'spki' })),
      Buffer.from(JSON.stringify((await auth.jwks()).keys[0])),
    ]
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = `${part({ alg, kid, typ: 'at+jwt' })}.${part(claimsFor(session.credential.id))}`
    for (const secret of secrets) {
      const mac = createHmac(alg.replace('HS', 'sha'), secret).update(signed).digest('base64url')
      await expect(auth.verify(`${signed}.${mac}`)).rejects.toEqual(refusal('invalid_token'))
    }
  })

  test('broken texts: refused', async () => {
    const { accessToken, refreshToken } = await auth.signIn(alice, {})
    const [header, body, signature] = accessToken.split('.')
    const other = (await auth.signIn(alice, {})).accessToken.split('.')
    const broken = [
      '',
      '.',
      '..',
      'null',
      '{}',
      refreshToken,
      `${header}.${body}`,
      `${header}.${body}.`,
      `${header}.${other[1]}.${signature}`,
      `${accessToken}.${signature}`,
      `${accessToken}x`,
      ` ${accessToken}`,
      `${header}.${body}.${'A'.repeat(86)}`,
      `${accessToken}${'A'.repeat(100_000)}`,
      'tdt_',
      `tdt_${accessToken}`,
      'tdt_\0',
    ]
    for (const token of broken) await expect(auth.verify(token), token).rejects.toEqual(refusal('invalid_token'))
  })
})

describe('refresh tokens', () => {
  test('[TOK3] are good once; the successor carries the session on', async () => {
    const first = await auth.signIn(alice, {})
    const result = await auth.refresh(first.refreshToken)
    if (!result.ok) throw new Error(result.no.code)
    expect(result.signIn.session.credential).toEqual(first.session.credential)
    expect(result.signIn.refreshToken).not.toBe(first.refreshToken)
    expect(await auth.verify(result.signIn.accessToken)).toMatchObject({ user: alice })
    expect(await auth.refresh(result.signIn.refreshToken)).toMatchObject({ ok: true })
  })

  test('[TOK3] one used again ends the whole session, its successor and access tokens included', async () => {
    const first = await auth.signIn(alice, {})
    const id = first.session.credential.id
    const second = await auth.refresh(first.refreshToken)
    if (!second.ok) throw new Error(second.no.code)
    await auth.verify(second.signIn.accessToken)
    expect(await auth.refresh(first.refreshToken)).toEqual({
      ok: false,
      no: { code: 'session_ended' },
      ended: { user: alice, id },
    })
    expect(await auth.refresh(second.signIn.refreshToken)).toEqual({ ok: false, no: { code: 'session_ended' } })
    await expect(auth.verify(second.signIn.accessToken)).rejects.toEqual(refusal('session_ended'))
    await expect(auth.verify(first.accessToken)).rejects.toEqual(refusal('session_ended'))
  })

  test('[TOK3] of ten uses at once one succeeds at most, and the session is over', async () => {
    const { refreshToken } = await auth.signIn(alice, {})
    const results = await Promise.all(Array.from({ length: 10 }, () => auth.refresh(refreshToken)))
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    for (const result of results) {
      if (result.ok) expect(await auth.refresh(result.signIn.refreshToken)).toMatchObject({ ok: false })
    }
  })

  test('[TOK3] one that was made up ends nothing', async () => {
    const { refreshToken, session } = await auth.signIn(alice, {})
    const [head, secret = '', mark = ''] = refreshToken.split('.')
    expect(head).toBe(`tdr_${session.credential.id}`)
    const turned = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`)
    const fakes = [
      `${head}.${turned(secret)}.${mark}`,
      `${head}.${secret}.${turned(mark)}`,
      `${head}.${secret}`,
      `${head}..${mark}`,
      `${refreshToken}.x`,
      `${refreshToken}A`,
      session.credential.id,
      '',
      'tdr_..',
    ]
    for (const fake of fakes) {
      expect(await auth.refresh(fake), fake).toEqual({ ok: false, no: { code: 'invalid_token' } })
      expect(await auth.sessionOf(fake)).toBeUndefined()
    }
    expect(await auth.sessionOf(refreshToken)).toEqual({ user: alice, id: session.credential.id })
    expect(await auth.refresh(refreshToken)).toMatchObject({ ok: true })
  })

  test('[TOK3] last thirty days from their last use', async () => {
    let { refreshToken } = await auth.signIn(alice, {})
    for (let use = 0; use < 3; use++) {
      now += 29 * DAY
      const result = await auth.refresh(refreshToken)
      if (!result.ok) throw new Error(result.no.code)
      refreshToken = result.signIn.refreshToken
    }
    now += 30 * DAY
    expect(await auth.refresh(refreshToken)).toEqual({ ok: false, no: { code: 'session_ended' } })
  })

  test('[TOK3] are nowhere in the database', async () => {
    const { refreshToken, session } = await auth.signIn(alice, { address: '192.0.2.7' })
    const stored = JSON.stringify(await accounts.sessions.find(session.credential.id))
    for (const part of refreshToken.split('.').slice(1)) expect(stored).not.toContain(part)
  })
})

describe('app tokens', () => {
  async function addToken(more: { rooms?: RoomId[]; access?: 'read' | 'write'; expiresAt?: number } = {}) {
    const { token, hash } = auth.newAppToken()
    const id = `token-${users++}`
    const scope = {
      rooms: more.rooms ?? null,
      access: more.access ?? 'write',
      expiresAt: more.expiresAt ?? null,
    } as const
    await accounts.appTokens.create({ id, user: alice, name: 'bot', hash, createdAt: now, ...scope }, 100)
    return { id, token, hash }
  }

  test('[TOK4] are long, random, and prove their user within their scope', async () => {
    const { id, token, hash } = await addToken({ rooms: ['ops' as RoomId], access: 'read' })
    expect(token).toMatch(/^tdt_[\w-]{32,}$/)
    expect(hash).not.toContain(token.slice(4))
    expect(await auth.verify(token)).toEqual({
      user: alice,
      credential: { kind: 'app-token', id },
      expiresAt: null,
      scope: { rooms: new Set(['ops']), access: 'read' },
    })
    await expect(auth.verify(`${token}x`)).rejects.toEqual(refusal('invalid_token'))
    await expect(auth.verify(hash)).rejects.toEqual(refusal('invalid_token'))
  })

  test('[TOK4] stop at their expiry, remembered or not', async () => {
    const { token } = await addToken({ expiresAt: now + 1_000 })
    expect(await auth.verify(token)).toMatchObject({ expiresAt: now + 1_000 })
    now += 1_000
    await expect(auth.verify(token)).rejects.toEqual(refusal('invalid_token'))
  })

  test('[P6] are refused at once when revoked here, within 5 s when elsewhere', async () => {
    const { id, token } = await addToken()
    const elsewhere = await openPlugin()
    await auth.verify(token)
    await elsewhere.verify(token)
    await accounts.appTokens.remove(alice, id)
    auth.forget({ user: alice, credentials: [id] })
    await expect(auth.verify(token)).rejects.toEqual(refusal('invalid_token'))
    now += 5_000
    await expect(elsewhere.verify(token)).rejects.toEqual(refusal('invalid_token'))
  })

  test('[TOK4] survive the end of all sessions', async () => {
    const { token } = await addToken()
    await accounts.sessions.end(alice, { all: true }, now)
    auth.forget({ user: alice, credentials: 'all-sessions' })
    expect(await auth.verify(token)).toMatchObject({ user: alice })
  })

  test('[TOK4] have their last use written once a minute at most', async () => {
    const { token, hash } = await addToken()
    const lastUse = async () => (await accounts.appTokens.findByHash(hash))?.lastUsedAt
    await auth.verify(token)
    const first = now
    expect(await lastUse()).toBe(first)
    now += 59_000
    await auth.verify(token)
    expect(await lastUse()).toBe(first)
    now += 6_000
    await auth.verify(token)
    expect(await lastUse()).toBe(now)
  })
})

describe('signing keys', () => {
  test('[TOK5] a rotation signs nobody out, on any node, and the old key goes when its tokens are gone', async () => {
    const elsewhere = await openPlugin()
    const before = await auth.signIn(alice, {})
    const oldKey = decodeProtectedHeader(before.accessToken).kid
    now += 10_000
    await auth.rotateSigningKey()
    const after = await auth.signIn(alice, {})
    expect(decodeProtectedHeader(after.accessToken).kid).not.toBe(oldKey)
    for (const plugin of [auth, elsewhere, await openPlugin()]) {
      await plugin.verify(before.accessToken)
      await plugin.verify(after.accessToken)
    }
    const signedLate = await elsewhere.signIn(alice, {})
    await auth.verify(signedLate.accessToken)
    now += 61_000
    expect(decodeProtectedHeader((await elsewhere.signIn(alice, {})).accessToken).kid).not.toBe(oldKey)
    const kids = async () => (await auth.jwks()).keys.map(({ kid }) => kid)
    expect(await kids()).toContain(oldKey)
    now += 20 * MINUTE
    expect(await kids()).not.toContain(oldKey)
  })

  test('[TOK5] the public keys show nothing private; the private part is sealed', async () => {
    const { keys } = await auth.jwks()
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
    expect(JSON.stringify(await accounts.signingKeys.list())).not.toMatch(/PRIVATE KEY|"d":/)
  })

  test('[TOK5] another secret key is noticed at the start', async () => {
    const other = { accounts, secretKey: new Uint8Array(32).fill(8), clock, loginsPerMinute: 0 }
    await expect(createAuthPlugin(other)).rejects.toThrow('SECRET_KEY')
  })

  test('[TOK5] an old key is replaced by itself', async () => {
    const [newest] = await accounts.signingKeys.list()
    now += 91 * DAY
    await auth.signIn(alice, {})
    expect((await accounts.signingKeys.list())[0]?.id).not.toBe(newest?.id)
  })
})
