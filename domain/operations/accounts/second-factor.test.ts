// Long, as it is one subject: everything that a second step may meet, with one house and one clock.
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ChatError } from '../../../protocol/errors.ts'
import type { NewRecoveryCodes, NewTotp, PasskeyInfo, SecondFactorAsked } from '../../../protocol/http/second-factor.ts'
import type { SignedIn } from '../../../protocol/http.ts'
import { codeOf, type House, openHouse, user } from '../../test/open-house.ts'
import { createSoftwareAuthenticator } from '../../test/software-authenticator.ts'
import type { Visitor } from '../table.ts'

const PASSWORD = 'a quiet green boat'
const ORIGIN = 'https://chat.example.org'
const MINUTE = 60_000
let house: House
let count = 0

beforeAll(async () => {
  house = await openHouse({ loginsPerMinute: 10 })
})
afterAll(() => house?.close())

async function run<Result>(name: string, input: unknown, visitor: Visitor = {}): Promise<Result> {
  const operation = house.domain.operations.get(name)
  if (operation === undefined) throw new Error(`no operation ${name}`)
  return (await house.domain.operations.run(operation, input, { origin: ORIGIN, ...visitor })) as Result
}

type Person = { name: string; me: Visitor }

async function register(visitor: Visitor = {}): Promise<Person> {
  const name = `person-${count++}`
  const { accessToken } = await run<SignedIn>('register', { username: name, password: PASSWORD }, visitor)
  return { name, me: { session: await house.auth.verify(accessToken) } }
}

const login = (name: string, otp?: string, visitor: Visitor = {}): Promise<SignedIn> =>
  run<SignedIn>('login', { username: name, password: PASSWORD, ...(otp !== undefined && { otp }) }, visitor)

async function askedFor(name: string, visitor: Visitor = {}): Promise<SecondFactorAsked> {
  const error = await login(name, undefined, visitor).catch((reason: unknown) => reason)
  if (!(error instanceof ChatError) || error.code !== 'second_factor_required') throw error
  return error.details as SecondFactorAsked
}

type App = { code(offsetMs?: number): string }

/** An authenticator app that was told the secret, with a clock of its own. */
const openApp = (secret: string): App => {
  const totp = new TOTP({ algorithm: 'SHA1', digits: 6, period: 30, secret: Secret.fromBase32(secret) })
  return { code: (offsetMs = 0) => totp.generate({ timestamp: house.clock.now() + offsetMs }) }
}

async function enrol({ me }: Person): Promise<{ app: App; recoveryCodes: string[] }> {
  const { secret } = await run<NewTotp>('begin-totp', { password: PASSWORD }, me)
  const app = openApp(secret)
  const { recoveryCodes } = await run<NewRecoveryCodes>('confirm-totp', { otp: app.code() }, me)
  house.advance(MINUTE)
  return { app, recoveryCodes }
}

async function addPasskey({ me }: Person, key = createSoftwareAuthenticator(ORIGIN)) {
  const options = await run<Parameters<typeof key.create>[0]>('passkey-options', { password: PASSWORD }, me)
  const made = await run<PasskeyInfo & Partial<NewRecoveryCodes>>(
    'add-passkey',
    { credential: key.create(options), name: 'a key' },
    me,
  )
  return { key, made }
}

const audited = async (action: string, name: string) =>
  (await house.store.audit.list({ limit: 100, about: user(name) })).filter((entry) => entry.action === action)

describe('an authenticator app', () => {
  test('[MFA1] turns two-factor sign-in on when its first code is right, and not before', async () => {
    const person = await register()
    const { secret, uri } = await run<NewTotp>('begin-totp', { password: PASSWORD }, person.me)
    expect(uri).toBe(
      `otpauth://totp/Tidings%20chat.example.org:${person.name}?issuer=Tidings%20chat.example.org&secret=${secret}&algorithm=SHA1&digits=6&period=30`,
    )
    await login(person.name)
    const app = openApp(secret)
    expect(await codeOf(run('confirm-totp', { otp: app.code(10 * MINUTE) }, person.me))).toBe('invalid_otp')
    await login(person.name)
    const { recoveryCodes } = await run<NewRecoveryCodes>('confirm-totp', { otp: app.code() }, person.me)
    expect(new Set(recoveryCodes).size).toBe(10)
    expect(recoveryCodes.every((code) => /^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/.test(code))).toBe(true)
    expect(await askedFor(person.name)).toEqual({ methods: ['otp'], ticket: expect.any(String) })
    expect(await run('second-factor', {}, person.me)).toEqual({ totp: true, passkeys: 0, recoveryCodes: 10 })
    expect(await codeOf(run('begin-totp', { password: PASSWORD }, person.me))).toBe('conflict')
    expect(await audited('second-factor-added', person.name)).toMatchObject([{ details: { kind: 'totp' } }])
  })

  test('[MFA1] nothing in the database says the secret or a recovery code', async () => {
    const person = await register()
    const { secret } = await run<NewTotp>('begin-totp', { password: PASSWORD }, person.me)
    const stored = await house.store.accounts.totp.find(user(person.name))
    expect(stored?.secret).not.toContain(secret)
    const { recoveryCodes } = await run<NewRecoveryCodes>('confirm-totp', { otp: openApp(secret).code() }, person.me)
    for (const code of recoveryCodes) {
      expect(await house.store.accounts.recoveryCodes.use(user(person.name), code)).toBe(false)
    }
  })

  test('[MFA2] a clock may be half a minute off, not more', async () => {
    const person = await register()
    const { app } = await enrol(person)
    const at = (offset: number) => login(person.name, app.code(offset)).then(() => 'in', codeOfError)
    expect([await at(-60_000), await at(60_000)]).toEqual(['invalid_otp', 'invalid_otp'])
    expect(await at(-30_000)).toBe('in')
    expect(await at(30_000)).toBe('in')
    house.advance(MINUTE)
    const grouped = app.code().replace(/^.../, '$& ')
    await login(person.name, grouped)
  })

  test('[MFA2] a code is good once, also for nine at a time', async () => {
    const person = await register()
    const { app } = await enrol(person)
    const code = app.code()
    const places = Array.from({ length: 9 }, (_, i) => ({ address: `198.51.100.${i}` }))
    const answers = await Promise.all(
      places.map((place) => login(person.name, code, place).then(() => 'in', codeOfError)),
    )
    expect(answers.filter((answer) => answer === 'in')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'invalid_otp')).toHaveLength(8)
    house.advance(30_000)
    await login(person.name, app.code())
  })

  test('[MFA5] is removed with the password and a code, and its recovery codes with it', async () => {
    const person = await register()
    const { app } = await enrol(person)
    const remove = (password: string | undefined, otp: string) =>
      codeOf(run('remove-totp', { password, otp }, person.me))
    expect(await remove(undefined, app.code())).toBe('invalid_credentials')
    expect(await remove('wrong password', app.code())).toBe('invalid_credentials')
    expect(await remove(PASSWORD, app.code(10 * MINUTE))).toBe('invalid_otp')
    await run('remove-totp', { password: PASSWORD, otp: app.code() }, person.me)
    expect(await run('second-factor', {}, person.me)).toEqual({ totp: false, passkeys: 0, recoveryCodes: 0 })
    await login(person.name)
    expect(await audited('second-factor-removed', person.name)).toHaveLength(1)
  })

  test('[MFA5] an account without a password shows a fresh sign-in instead', async () => {
    const at = house.clock.now()
    const id = user(`person-${count++}`)
    const identity = { id: 'i1', issuer: 'https://id.example', subject: id, name: id, createdAt: at }
    await house.store.accounts.identities.createUser({ id, displayName: id, createdAt: at }, identity, undefined)
    const { session } = await house.auth.signIn(id, {})
    const { secret } = await run<NewTotp>('begin-totp', {}, { session })
    const app = openApp(secret)
    await run('confirm-totp', { otp: app.code() }, { session })
    house.advance(11 * MINUTE)
    expect(await codeOf(run('remove-totp', { otp: app.code() }, { session }))).toBe('invalid_credentials')
    const again = await house.auth.signIn(id, {})
    await run('remove-totp', { otp: app.code() }, { session: again.session })
    expect(await run('second-factor', {}, { session })).toMatchObject({ totp: false })
  })

  test('[MFA6] who found an open session needs the password', async () => {
    const person = await register()
    await run('begin-totp', {}, person.me)
    house.advance(11 * MINUTE)
    for (const operation of ['begin-totp', 'new-recovery-codes', 'passkey-options']) {
      expect(await codeOf(run(operation, {}, person.me)), operation).toBe('invalid_credentials')
      expect(await codeOf(run(operation, { password: 'wrong' }, person.me)), operation).toBe('invalid_credentials')
    }
    await run('begin-totp', { password: PASSWORD }, person.me)
    house.advance(16 * MINUTE)
    const late = await house.store.accounts.totp.find(user(person.name))
    expect(late?.confirmedAt).toBeNull()
    expect(await codeOf(run('confirm-totp', { otp: '000000' }, person.me))).toBe('conflict')
  })
})

describe('the second step', () => {
  test('[MFA4] a ticket and a code sign in, once, within five minutes', async () => {
    const person = await register()
    const { app } = await enrol(person)
    const { ticket } = await askedFor(person.name)
    expect(await codeOf(run('finish-login', { ticket, otp: '000000' }))).toBe('invalid_otp')
    const { accessToken } = await run<SignedIn>('finish-login', { ticket, otp: app.code() })
    expect(await house.auth.verify(accessToken)).toMatchObject({ user: person.name })
    house.advance(MINUTE)
    expect(await codeOf(run('finish-login', { ticket, otp: app.code() }))).toBe('invalid_token')
    const late = await askedFor(person.name)
    house.advance(5 * MINUTE)
    expect(await codeOf(run('finish-login', { ticket: late.ticket, otp: app.code() }))).toBe('invalid_token')
    await expect(house.auth.verify(ticket)).rejects.toMatchObject({ code: 'invalid_token' })
  })

  test('[MFA4] a ticket is for its user and password alone, and nobody makes one up', async () => {
    const [person, other] = [await register(), await register()]
    const [{ app }] = [await enrol(person), await enrol(other)]
    const { ticket } = await askedFor(person.name)
    const [packed = '', mark = ''] = ticket.slice(4).split('.')
    const forged = Buffer.from(packed, 'base64url').toString().replace(person.name, other.name)
    for (const wrong of [
      `tds_${Buffer.from(forged).toString('base64url')}.${mark}`,
      `${ticket}x`,
      ticket.slice(0, -1),
      'tds_.',
      '',
      'x'.repeat(256),
    ]) {
      expect(await codeOf(run('finish-login', { ticket: wrong, otp: app.code() })), wrong).toBe('invalid_token')
    }
    await run('change-password', { password: PASSWORD, newPassword: 'another green boat' }, person.me)
    expect(await codeOf(run('finish-login', { ticket, otp: app.code() }))).toBe('invalid_token')
  })

  test('[MFA3] a recovery code signs in once, however it is typed; new ones end the old', async () => {
    const person = await register()
    const { recoveryCodes } = await enrol(person)
    const [one = '', two = '', three = ''] = recoveryCodes
    await login(person.name, one.toUpperCase().replaceAll('-', ' '))
    expect(await codeOf(login(person.name, one))).toBe('invalid_otp')
    const { ticket } = await askedFor(person.name)
    await run('finish-login', { ticket, otp: two })
    expect(await run('second-factor', {}, person.me)).toMatchObject({ recoveryCodes: 8 })
    expect(await audited('recovery-code-used', person.name)).toMatchObject([
      { details: { left: 8 } },
      { details: { left: 9 } },
    ])
    const fresh = await run<NewRecoveryCodes>('new-recovery-codes', { password: PASSWORD }, person.me)
    expect(await codeOf(login(person.name, three))).toBe('invalid_otp')
    await login(person.name, fresh.recoveryCodes[9])
  })

  test('[MFA4] a thousand guesses from a thousand places get ten answers', async () => {
    const person = await register()
    await enrol(person)
    const { ticket } = await askedFor(person.name)
    const guess = (i: number) => {
      const place = { address: `10.0.${i >> 8}.${i & 255}` }
      return run('finish-login', { ticket, otp: String(i).padStart(6, '0') }, place).then(() => 'in', codeOfError)
    }
    const answers: string[] = []
    // Fifty at a time, so that all of them are answered on a busy machine too.
    for (let i = 0; i < 1_000; i += 50) {
      answers.push(...(await Promise.all(Array.from({ length: 50 }, (_, j) => guess(i + j)))))
    }
    expect(new Set(answers)).toEqual(new Set(['invalid_otp', 'rate_limited']))
    expect(answers.filter((answer) => answer === 'invalid_otp').length).toBeLessThanOrEqual(10)
  })

  test('[MFA4] guesses at recovery codes are failed sign-ins, from wherever they come', async () => {
    const person = await register()
    const { recoveryCodes } = await enrol(person)
    const { ticket } = await askedFor(person.name)
    const guess = (otp: string | undefined, i: number) =>
      run('finish-login', { ticket, otp }, { address: `10.9.0.${i}` })
    for (let i = 0; i < 10; i++) expect(await codeOf(guess('aaaa-aaaa-aaaa', i))).toBe('invalid_otp')
    expect(await codeOf(guess(recoveryCodes[0], 99))).toBe('rate_limited')
  })

  test('[MFA4] from the home of the owner guesses are few too: he goes on with a recovery code', async () => {
    const home = { address: '192.0.2.77' }
    const person = await register({ browser: 'his browser' })
    const { app, recoveryCodes } = await enrol(person)
    const known = (i: number) => ({ browser: 'his browser', address: `172.16.${i >> 8}.${i & 255}` })
    const { ticket } = await askedFor(person.name, known(0))
    let answered = 0
    for (let i = 0; i < 100; i++) {
      const code = await codeOf(run('finish-login', { ticket, otp: '123456' }, known(i)))
      if (code === 'invalid_otp') answered++
    }
    expect(answered).toBe(10)
    expect(await codeOf(login(person.name, app.code(), { ...home, browser: 'his browser' }))).toBe('rate_limited')
    await login(person.name, recoveryCodes[0], { ...home, browser: 'his browser' })
  })

  test('[MFA4] a right password with wrong codes counts as failures, and makes no place known', async () => {
    const person = await register({ address: '192.0.2.10' })
    await enrol(person)
    const strange = { address: '203.0.113.5', browser: 'of a stranger' }
    for (let i = 0; i < 10; i++) {
      expect(await codeOf(login(person.name, 'aaaa-aaaa-aaaa', strange))).toBe('invalid_otp')
    }
    expect(await codeOf(login(person.name, undefined, strange))).toBe('rate_limited')
    expect(await codeOf(login(person.name, undefined, { ...strange, address: '203.0.113.6' }))).toBe('rate_limited')
  })

  test('[MFA4] asking for the second step costs nothing and forgives nothing', async () => {
    const person = await register({ address: '192.0.2.11' })
    await enrol(person)
    const [strange, asker] = [{ address: '203.0.113.50' }, { address: '203.0.113.60' }]
    await askedFor(person.name, asker)
    for (let i = 0; i < 9; i++) expect(await codeOf(login(person.name, 'wrong', strange))).toBe('invalid_otp')
    for (let i = 0; i < 20; i++) await askedFor(person.name, strange)
    expect(await codeOf(login(person.name, 'wrong', strange))).toBe('invalid_otp')
    expect(await codeOf(login(person.name, undefined, strange))).toBe('rate_limited')
    expect(await codeOf(login(person.name, undefined, asker)), 'a place is not known by a password alone').toBe(
      'rate_limited',
    )
  })
})

const codeOfError = (error: unknown): string => (error instanceof ChatError ? error.code : String(error))

describe('passkeys', () => {
  const askedToSign = (visitor: Visitor = {}) =>
    run<{ challenge: string; rpId: string; userVerification: string; allowCredentials?: { id: string }[] }>(
      'passkey-login-options',
      {},
      visitor,
    )

  test('[KEY1] are made, named, renamed and removed by their owner', async () => {
    const [person, other] = [await register(), await register()]
    const { made } = await addPasskey(person)
    expect(made).toMatchObject({ name: 'a key', lastUsedAt: null, recoveryCodes: expect.any(Array) })
    const second = await addPasskey(person)
    expect(second.made.recoveryCodes).toBeUndefined()
    expect(await codeOf(run('rename-passkey', { passkey: made.id, name: 'x' }, other.me))).toBe('not_found')
    expect(await codeOf(run('remove-passkey', { passkey: made.id, password: PASSWORD }, other.me))).toBe('not_found')
    await run('rename-passkey', { passkey: made.id, name: 'the phone' }, person.me)
    await run('remove-passkey', { passkey: second.made.id, password: PASSWORD }, person.me)
    const { recoveryCodes: _shown, ...kept } = made
    expect(await run('passkeys', {}, person.me)).toEqual({ passkeys: [{ ...kept, name: 'the phone' }] })
    await run('remove-passkey', { passkey: made.id, password: PASSWORD }, person.me)
    expect(await run('second-factor', {}, person.me)).toEqual({ totp: false, passkeys: 0, recoveryCodes: 0 })
    await login(person.name)
  })

  test('[KEY2] sign in alone, and say themselves who it is', async () => {
    const person = await register()
    const { key } = await addPasskey(person)
    const asked = await askedToSign()
    expect(asked).toMatchObject({ rpId: 'chat.example.org', userVerification: 'required' })
    expect(asked.allowCredentials ?? []).toEqual([])
    const { user: who } = await run<SignedIn>('passkey-login', { credential: key.sign(asked) })
    expect(who.id).toBe(person.name)
    const unsure = key.sign(await askedToSign(), { verified: false })
    expect(await codeOf(run('passkey-login', { credential: unsure })), 'without verification').toBe(
      'invalid_credentials',
    )
    const nameless = key.sign(await askedToSign())
    nameless.response.userHandle = Buffer.from('somebody else').toString('base64url')
    expect(await codeOf(run('passkey-login', { credential: nameless }))).toBe('invalid_credentials')
  })

  test('[KEY2] are a second step, and recovery codes another way through it', async () => {
    const person = await register()
    const { key, made } = await addPasskey(person)
    const { methods, ticket } = await askedFor(person.name)
    expect(methods).toEqual(['passkey'])
    const options = await run<{ challenge: string; allowCredentials: { id: string }[] }>('second-passkey-options', {
      ticket,
    })
    expect(options.allowCredentials).toHaveLength(1)
    const touched = key.sign({ ...options, rpId: 'chat.example.org' }, { verified: false })
    expect(await codeOf(run('passkey-login', { credential: touched })), 'not alone').toBe('invalid_credentials')
    await run('finish-login', { ticket, credential: touched })
    await login(person.name, made.recoveryCodes?.[0])

    const other = await register()
    await addPasskey(other)
    const theirs = await askedFor(other.name)
    const asked = await run<{ challenge: string }>('second-passkey-options', { ticket: theirs.ticket })
    const foreign = key.sign({ ...asked, rpId: 'chat.example.org' })
    expect(await codeOf(run('finish-login', { ticket: theirs.ticket, credential: foreign }))).toBe(
      'invalid_credentials',
    )
  })

  test('[KEY3] a challenge is good once, for its purpose, for five minutes', async () => {
    const person = await register()
    const { key } = await addPasskey(person)
    const asked = await askedToSign()
    const answers = await Promise.all(
      [1, 2, 3].map(() => run('passkey-login', { credential: key.sign(asked) }).then(() => 'in', codeOfError)),
    )
    expect(answers.sort()).toEqual(['in', 'invalid_credentials', 'invalid_credentials'])
    const late = await askedToSign()
    house.advance(5 * MINUTE)
    expect(await codeOf(run('passkey-login', { credential: key.sign(late) }))).toBe('invalid_credentials')
    const { ticket } = await askedFor(person.name)
    const second = await run<{ challenge: string }>('second-passkey-options', { ticket })
    const misused = key.sign({ ...second, rpId: 'chat.example.org' })
    expect(await codeOf(run('passkey-login', { credential: misused }))).toBe('invalid_credentials')
    const madeUp = key.sign({ challenge: Buffer.from('made.9999999999999.up').toString('base64url'), rpId: asked.rpId })
    expect(await codeOf(run('passkey-login', { credential: madeUp }))).toBe('invalid_credentials')
  })

  test('[KEY3] what was made for another page, or by another key, is not taken', async () => {
    const person = await register()
    const { key } = await addPasskey(person)
    const tries = [
      key.sign(await askedToSign(), { origin: 'https://chat.example.org.evil.example' }),
      key.sign(await askedToSign(), { rpId: 'evil.example' }),
      key.sign(await askedToSign({ origin: 'https://evil.example' }), { origin: 'https://evil.example' }),
    ]
    const other = createSoftwareAuthenticator(ORIGIN)
    other.create({ challenge: '', rp: {}, user: { id: key.sign(await askedToSign()).response.userHandle } })
    tries.push({ ...other.sign(await askedToSign()), id: key.sign(await askedToSign()).id })
    const broken = key.sign(await askedToSign())
    broken.response.signature = broken.response.authenticatorData
    tries.push(broken)
    for (const credential of tries)
      expect(await codeOf(run('passkey-login', { credential }))).toBe('invalid_credentials')
    const operation = house.domain.operations.get('passkey-login-options')
    if (operation === undefined) throw new Error('gone')
    expect(await codeOf(house.domain.operations.run(operation, {}, {})), 'a page of others').toBe('forbidden')
  })

  test('[KEY4] a counter that does not move on shows a copy', async () => {
    const person = await register()
    const { key } = await addPasskey(person)
    const signIn = async (counter: number) =>
      run('passkey-login', { credential: key.sign(await askedToSign(), { counter }) }).then(() => 'in', codeOfError)
    expect([await signIn(5), await signIn(5), await signIn(4), await signIn(6)]).toEqual([
      'in',
      'invalid_credentials',
      'invalid_credentials',
      'in',
    ])
  })

  test('[KEY5] whoever fails elsewhere, the owner comes in with a passkey, alone or after the password', async () => {
    const person = await register({ address: '192.0.2.12' })
    const { key } = await addPasskey(person)
    const { ticket } = await askedFor(person.name, { address: '192.0.2.12' })
    for (let i = 0; i < 10; i++) {
      const place = { address: `203.0.113.${100 + i}` }
      await codeOf(run('login', { username: person.name, password: 'wrong password' }, place))
    }
    const anywhere = { address: '198.51.100.200' }
    expect(await codeOf(login(person.name, undefined, anywhere))).toBe('rate_limited')
    const asked = await run<{ challenge: string }>('second-passkey-options', { ticket }, anywhere)
    const credential = key.sign({ ...asked, rpId: 'chat.example.org' })
    await run('finish-login', { ticket, credential }, anywhere)
    await run('passkey-login', { credential: key.sign(await askedToSign(anywhere)) }, { address: '198.51.100.201' })
  })

  test('[KEY6] open nothing when they were removed', async () => {
    const person = await register()
    const { key, made } = await addPasskey(person)
    await run('remove-passkey', { passkey: made.id, password: PASSWORD }, person.me)
    expect(await codeOf(run('passkey-login', { credential: key.sign(await askedToSign()) }))).toBe(
      'invalid_credentials',
    )
  })
})
