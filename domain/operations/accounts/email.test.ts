import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Me, SignedIn } from '../../../protocol/http.ts'
import { linkIn, type Mailbox, openMailbox } from '../../../test/mailbox.ts'
import { createSmtpTransport } from '../../index.ts'
import { type House, openHouse, user } from '../../test/open-house.ts'
import type { Visitor } from '../table.ts'

const PASSWORD = 'a quiet green boat'
const ANOTHER = 'another quiet boat'
const HOUR = 3_600_000
/** A busy machine takes longer than polls wait by themselves. */
const PATIENT = { timeout: 15_000 }
let mailbox: Mailbox
let house: House
let count = 0

const open = () => openHouse({ mail: createSmtpTransport({ url: mailbox.url, from: 'Tidings <chat@chat.example>' }) })

beforeAll(async () => {
  mailbox = await openMailbox()
  house = await open()
})
afterAll(async () => {
  await house?.close()
  await mailbox?.close()
})

function run<Result>(name: string, input: object = {}, visitor: Visitor = {}, of: House = house): Promise<Result> {
  const operation = of.domain.operations.get(name)
  if (operation === undefined) throw new Error(`no operation ${name}`)
  return of.domain.operations.run(operation, input, visitor) as Promise<Result>
}

const refusal = (code: string) => expect.objectContaining({ code })
const login = (username: string, password = PASSWORD) => run<SignedIn>('login', { username, password })
const as = async (token: string): Promise<Visitor> => ({ session: await house.auth.verify(token) })

type Person = { name: string; email: string; me: Visitor; accessToken: string }

/** Somebody with an address, which `verified` has proven. */
async function newcomer(verified: 'verified' | 'unverified', email?: string): Promise<Person> {
  const name = `person-${count++}`
  const address = email ?? `${name}@example.org`
  const { accessToken } = await run<SignedIn>('register', { username: name, password: PASSWORD, email: address })
  if (verified === 'verified') await run('verify-email', { token: linkIn(await mailbox.next(address)).token })
  return { name, email: address, me: await as(accessToken), accessToken }
}

const setEmail = ({ me }: Person, email: string | null, password = PASSWORD) =>
  run('set-email', { email, password }, me)
const audited = async (name: string): Promise<string[]> =>
  (await house.store.audit.list({ limit: 20, about: user(name) })).map(({ action }) => action)

describe('the address of an account', () => {
  test('[MAIL1] is told to the user himself and to nobody else, and proven by a link that is mailed', async () => {
    const ana = await newcomer('unverified', 'Ana.M@Example.ORG')
    expect(await run('me', {}, ana.me)).toMatchObject({ email: 'Ana.M@example.org', emailVerified: false })
    const letter = await mailbox.next('Ana.M@example.org')
    expect(letter).toMatchObject({
      from: 'Tidings <chat@chat.example>',
      subject: 'Is this your e-mail address? (chat.example)',
      text: expect.stringContaining(`@${ana.name}`),
    })
    const { link, token } = linkIn(letter)
    expect(link).toBe(`https://chat.example/verify/${token}`)
    expect(await run('verify-email', { token })).toEqual({ email: 'Ana.M@example.org', emailVerified: true })
    expect(await run<Me>('me', {}, ana.me)).toMatchObject({ emailVerified: true })
    expect(await audited(ana.name)).toContain('email-verified')
    const bot = await run<{ token: string }>('create-token', { name: 'bot' }, ana.me)
    expect(await run('me', {}, await as(bot.token))).not.toHaveProperty('email')
    expect(await run('user', { user: ana.name }, (await newcomer('unverified')).me)).not.toHaveProperty('email')
  })

  test('[MAIL2] a link is good once, for 24 hours, and for the address it was mailed to', async () => {
    const once = await newcomer('unverified')
    const { token } = linkIn(await mailbox.next(once.email))
    await run('verify-email', { token })
    await expect(run('verify-email', { token })).rejects.toEqual(refusal('invalid_link'))
    await expect(run('verify-email', { token: 'made-up' })).rejects.toEqual(refusal('invalid_link'))
    const late = await newcomer('unverified')
    const lateLink = linkIn(await mailbox.next(late.email))
    const moved = await newcomer('unverified')
    const movedLink = linkIn(await mailbox.next(moved.email))
    await setEmail(moved, 'elsewhere@example.org')
    await expect(run('verify-email', { token: movedLink.token })).rejects.toEqual(refusal('invalid_link'))
    house.advance(24 * HOUR)
    await expect(run('verify-email', { token: lateLink.token })).rejects.toEqual(refusal('invalid_link'))
  })

  test('[MAIL3] is changed with the password; the one that is left is told, if it was proven', async () => {
    const person = await newcomer('verified')
    person.me = await as((await login(person.name)).accessToken)
    await expect(setEmail(person, 'new@example.org', 'wrong password')).rejects.toEqual(refusal('invalid_credentials'))
    await expect(setEmail(person, 'nonsense')).rejects.toEqual(refusal('invalid_request'))
    expect(await setEmail(person, 'new-one@example.org')).toEqual({
      email: 'new-one@example.org',
      emailVerified: false,
    })
    expect((await mailbox.next(person.email)).subject).toContain('Your e-mail address was changed')
    const { token } = linkIn(await mailbox.next('new-one@example.org'))
    await setEmail(person, 'newer-one@example.org')
    await expect(run('verify-email', { token })).rejects.toEqual(refusal('invalid_link'))
    expect(await setEmail(person, null)).toEqual({})
    expect(await run('me', {}, person.me)).not.toHaveProperty('email')
    await mailbox.next('newer-one@example.org')
    // Addresses that nobody has proven hear of nothing more: they may be a stranger's.
    expect(mailbox.letters.filter(({ to }) => to === 'new-one@example.org')).toHaveLength(1)
    expect((await audited(person.name)).filter((action) => action === 'email-changed')).toHaveLength(3)
  })

  test('[MAIL4] two may claim one, without hearing of each other; the first to prove it has it', async () => {
    const [one, other] = [
      await newcomer('unverified', 'both@example.org'),
      await newcomer('unverified', 'Both@example.org'),
    ]
    const first = linkIn(await mailbox.next('both@example.org'))
    const second = linkIn(await mailbox.next('Both@example.org'))
    await run('verify-email', { token: first.token })
    await expect(run('verify-email', { token: second.token })).rejects.toEqual(refusal('email_taken'))
    expect(await login('BOTH@example.org')).toMatchObject({ user: { id: one.name } })
    expect(await run('me', {}, other.me)).toMatchObject({ emailVerified: false })
  })

  test('[MAIL5] letters that an account asks for are limited, and those to one mailbox', async () => {
    const person = await newcomer('unverified')
    for (let i = 0; i < 4; i++) await run('send-email-verification', {}, person.me)
    await expect(run('send-email-verification', {}, person.me)).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterMs: expect.any(Number),
    })
    await expect(setEmail(person, 'yet-another@example.org')).rejects.toEqual(refusal('rate_limited'))
    expect(await run('me', {}, person.me)).toMatchObject({ email: person.email })
    for (let i = 0; i < 5; i++) await mailbox.next(person.email)
    // Six accounts claim a mailbox; a letter to somebody else, asked for later, comes after all of theirs were written.
    for (let i = 0; i < 6; i++) await newcomer('unverified', 'victim@example.org')
    for (let i = 0; i < 5; i++) await mailbox.next('victim@example.org')
    await house.domain.close()
    expect(mailbox.letters.filter(({ to }) => to === 'victim@example.org')).toHaveLength(5)
    await house.close()
    house = await open()
  })

  test('[ACC4] signs in like the user name once it is proven, and before that nobody', async () => {
    const ana = await newcomer('verified')
    const bob = await newcomer('unverified')
    expect(await login(ana.email)).toMatchObject({ user: { id: ana.name } })
    expect(await login(ana.email.toUpperCase())).toMatchObject({ user: { id: ana.name } })
    await expect(login(ana.email, ANOTHER)).rejects.toEqual(refusal('invalid_credentials'))
    await expect(login(bob.email)).rejects.toEqual(refusal('invalid_credentials'))
    await expect(login('nobody@example.org')).rejects.toEqual(refusal('invalid_credentials'))
  })
})

describe('a forgotten password', () => {
  const ask = (who: object) => run<undefined>('ask-password-reset', who)
  const finish = (token: string, newPassword: string) => run('finish-password-reset', { token, newPassword })

  test('[RST1] asking tells nothing: it is answered before anything is looked up', async () => {
    const ana = await newcomer('verified')
    for (const who of [
      { username: ana.name },
      { email: ana.email },
      { username: 'nobody' },
      { email: 'no@example.org' },
    ]) {
      let answered = false
      const asking = ask(who).then((answer) => {
        answered = answer === undefined
      })
      // Nothing that waits for a database or a mail server is over by now.
      for (let i = 0; i < 50; i++) await Promise.resolve()
      expect(answered, JSON.stringify(who)).toBe(true)
      await asking
    }
    await expect(ask({})).rejects.toEqual(refusal('invalid_request'))
    await expect(ask({ username: 'a', email: 'b@example.org' })).rejects.toEqual(refusal('invalid_request'))
    await mailbox.next(ana.email)
    await mailbox.next(ana.email)
  })

  test('[RST1] the link goes to a verified address, and to no other', async () => {
    const [ana, bob] = [await newcomer('verified'), await newcomer('unverified')]
    await mailbox.next(bob.email)
    const before = mailbox.letters.length
    for (const who of [{ username: bob.name }, { email: bob.email }, { username: 'nobody' }]) await ask(who)
    await ask({ username: ana.email.toUpperCase() })
    const { link, token } = linkIn(await mailbox.next(ana.email))
    expect(link).toBe(`https://chat.example/reset/${token}`)
    await house.domain.close()
    expect(mailbox.letters).toHaveLength(before + 1)
    expect(await audited(ana.name)).toContain('password-reset-asked')
    expect(await audited(bob.name)).not.toContain('password-reset-asked')
    await house.close()
    house = await open()
  })

  test('[RST2] the link sets another password, once, and ends every session', async () => {
    const ana = await newcomer('verified')
    const second = await login(ana.name)
    const ended: unknown[] = []
    house.bus.on('ended', (note) => ended.push(note))
    await ask({ username: ana.name })
    const { token } = linkIn(await mailbox.next(ana.email))
    for (const weak of ['short', 'password1234', `${ana.name}-12`]) {
      await expect(finish(token, weak)).rejects.toEqual(refusal('weak_password'))
    }
    await house.auth.verify(ana.accessToken)
    await finish(token, ANOTHER)
    for (const accessToken of [ana.accessToken, second.accessToken]) {
      await expect(house.auth.verify(accessToken)).rejects.toEqual(refusal('session_ended'))
    }
    expect(ended).toEqual([{ user: ana.name, credentials: expect.any(Array) }])
    expect((ended[0] as { credentials: string[] }).credentials).toHaveLength(2)
    await expect(login(ana.name)).rejects.toEqual(refusal('invalid_credentials'))
    await login(ana.name, ANOTHER)
    await expect(finish(token, PASSWORD)).rejects.toEqual(refusal('invalid_link'))
    const letter = await mailbox.next(ana.email)
    expect(letter.subject).toContain('Your password was changed')
    expect(letter.text).not.toMatch(/reset\/|verify\//)
    expect(await audited(ana.name)).toEqual(expect.arrayContaining(['password-reset', 'password-reset-asked']))
  })

  test('[RST2] the link ends after 30 minutes, with a new password, and with the address', async () => {
    const [late, changes, moves] = [await newcomer('verified'), await newcomer('verified'), await newcomer('verified')]
    const tokens: string[] = []
    for (const { name, email } of [late, changes, moves]) {
      await ask({ username: name })
      tokens.push(linkIn(await mailbox.next(email)).token)
    }
    await run('change-password', { password: PASSWORD, newPassword: ANOTHER }, changes.me)
    await setEmail(moves, null)
    await expect(finish(tokens[1] ?? '', PASSWORD)).rejects.toEqual(refusal('invalid_link'))
    await expect(finish(tokens[2] ?? '', ANOTHER)).rejects.toEqual(refusal('invalid_link'))
    house.advance(HOUR / 2)
    await expect(finish(tokens[0] ?? '', ANOTHER)).rejects.toEqual(refusal('invalid_link'))
    await expect(finish('made-up', ANOTHER)).rejects.toEqual(refusal('invalid_link'))
    await login(late.name)
  })

  test('[RST3] an account is sent three links an hour, whoever asks', async () => {
    const ana = await newcomer('verified')
    const before = mailbox.letters.length
    for (const who of [{ username: ana.name }, { email: ana.email }, { username: ana.email }, { email: ana.email }]) {
      await ask(who)
    }
    await house.domain.close()
    expect(mailbox.letters).toHaveLength(before + 3)
    await house.close()
    house = await open()
  })
})

test('[PWD2] no password is little more than what stands before the @', async () => {
  const weak = { username: `person-${count++}`, email: 'sunflower.field@example.org', password: 'sunflower.field1' }
  await expect(run('register', weak)).rejects.toEqual(refusal('weak_password'))
  const person = await newcomer('unverified', 'sunflower.field@example.org')
  const change = { password: PASSWORD, newPassword: 'Sunflower.Field!!' }
  await expect(run('change-password', change, person.me)).rejects.toEqual(refusal('weak_password'))
})

test('[PWD5] a sign-in makes a hash of another cost anew, and disturbs no other sign-in', async () => {
  const { name } = await newcomer('unverified')
  const cheap = '$2b$05$'
  const { hash } = (await import('bcrypt')).default
  await house.store.accounts.credentials.setPassword(user(name), await hash(PASSWORD, 5), house.clock.now())
  await expect(login(name, ANOTHER)).rejects.toEqual(refusal('invalid_credentials'))
  expect(await house.store.accounts.credentials.passwordHash(user(name))).toContain(cheap)
  const signedIn = await Promise.all(Array.from({ length: 5 }, () => login(name)))
  for (const { accessToken } of signedIn) await house.auth.verify(accessToken)
  expect(await house.store.accounts.credentials.passwordHash(user(name))).toContain('$2b$04$')
  await login(name)
})

describe('a mail server', () => {
  test('[MAIL6] that is busy is asked again; a letter that it refuses is given up', async () => {
    mailbox.refuse(550)
    await newcomer('unverified', 'no-such-mailbox@example.org')
    await expect.poll(() => mailbox.refused('no-such-mailbox@example.org'), PATIENT).toBe(1)
    mailbox.refuse(451)
    await newcomer('unverified', 'greylisted@example.org')
    await expect.poll(() => mailbox.refused('greylisted@example.org'), PATIENT).toBe(1)
    mailbox.refuse(undefined)
    await expect
      .poll(() => {
        house.advance(5_000)
        return mailbox.letters.some(({ to }) => to === 'greylisted@example.org')
      }, PATIENT)
      .toBe(true)
    expect(mailbox.letters.some(({ to }) => to === 'no-such-mailbox@example.org')).toBe(false)
  })

  test('[MAIL6] that there is none is said; addresses are kept, and nobody is told anything', async () => {
    const silent = await openHouse()
    const input = { username: 'ana', password: PASSWORD, email: 'ana@example.org' }
    const { accessToken } = await run<SignedIn>('register', input, {}, silent)
    const me = { session: await silent.auth.verify(accessToken) }
    expect(await run('server', {}, {}, silent)).toMatchObject({ email: false })
    expect(await run('server')).toMatchObject({ email: true })
    await run('send-email-verification', {}, me, silent)
    await run('ask-password-reset', { username: 'ana' }, {}, silent)
    expect(await run('me', {}, me, silent)).toMatchObject({ email: 'ana@example.org', emailVerified: false })
    await silent.close()
  })
})
