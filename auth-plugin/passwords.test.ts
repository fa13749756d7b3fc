import { expect, test } from 'vitest'
import { isCommonPassword } from './common-passwords.ts'
import { createPasswords } from './passwords.ts'
import { createTurns } from './turns.ts'

const passwords = createPasswords(4)

test('[PWD1] a password is the one that was chosen, composed or not', async () => {
  const hash = await passwords.hash('café au lait, please')
  expect(hash).toMatch(/^\$2b\$04\$/)
  expect(await passwords.verify('café au lait, please', hash)).toBe(true)
  expect(await passwords.verify('cafe\u0301 au lait, please', hash)).toBe(true)
  expect(await passwords.verify('cafe au lait, please', hash)).toBe(false)
})

test('[PWD1] nothing opens an account without a password, nor does what bcrypt would cut', async () => {
  const long = await passwords.hash('x'.repeat(72))
  expect(await passwords.verify('x'.repeat(72), long)).toBe(true)
  expect(await passwords.verify(`${'x'.repeat(72)}y`, long)).toBe(false)
  const short = await passwords.hash('ten letters')
  expect(await passwords.verify('ten letters\0', short)).toBe(false)
  expect(await passwords.verify('anything at all', undefined)).toBe(false)
  expect(await passwords.verify('', undefined)).toBe(false)
})

test('[PWD5] a hash of another cost opens as before, and says that it is to be made anew', async () => {
  const hash = await createPasswords(5).hash('ten letters')
  expect(await passwords.verify('ten letters', hash)).toBe(true)
  expect(await passwords.verify('ten  letters', hash)).toBe(false)
  expect(passwords.isOutdated(hash)).toBe(true)
  expect(passwords.isOutdated(await passwords.hash('ten letters'))).toBe(false)
})

test('[PWD6] a no takes as long without an account, without a password and with a cheaper hash', async () => {
  const slow = createPasswords(9)
  const hashes = [await slow.hash('ten letters'), undefined, '-', await passwords.hash('ten letters')]
  const times = hashes.map((): number[] => [])
  for (let round = 0; round < 7; round++) {
    for (const [i, hash] of hashes.entries()) {
      const began = performance.now()
      expect(await slow.verify('another ten letters', hash)).toBe(false)
      times[i]?.push(performance.now() - began)
    }
  }
  const [usual = 0, ...others] = times.map((all) => all.sort((a, b) => a - b)[3] ?? 0)
  // Each step of the cost doubles the time; without an equal effort these would be 1/30 or less.
  for (const other of others) expect(other / usual).toBeGreaterThan(0.4)
  for (const other of others) expect(other / usual).toBeLessThan(2.5)
})

test.each([
  ['too short', 'short one'],
  ['nine characters, eighteen bytes', 'ääääßßßöö'],
  ['more than bcrypt reads', 'x'.repeat(10) + 'ab'.repeat(32)],
  ['more bytes than bcrypt reads', 'ä€'.repeat(15)],
  ['NUL', 'correct\0horse battery'],
  ['half a character', 'correct \ud800 horse'],
  ['the own name', 'alice12345'],
  ['the own name twice', 'Alice-Alice-1'],
  ['the display name', 'Alice Liddell!'],
  ['a common one', 'password1234'],
])('[PWD2] refused: %s', (_why, password) => {
  expect(passwords.check(password, ['alice', 'Alice Liddell'])).toMatchObject({ code: 'weak_password' })
})

test.each([
  'correct horse battery staple',
  'alice in the garden',
  'Tr0ub4dor&3 xyz',
  'ein langer Satz mit Wörtern',
  'пароль из нескольких слов',
  '🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵',
  'kX9#mQ2$vL7!',
  'x7Gq-blue-table',
])('[PWD2] accepted: %s', (password) => {
  expect(passwords.check(password, ['alice', 'Alice'])).toBeUndefined()
})

test.each([
  ...['password123', 'P@ssw0rd123', 'Password2024!', 'Welcome2024!', 'welcome12345', '!!letmein!!', 'iloveyou123!'],
  ...['1234567890', '0987654321', '12345678910', 'qwertyuiop', 'poiuytrewq', 'qwerty12345', 'asdfghjkl;', 'abcdefghij'],
  ...['aaaaaaaaaa', '1212121212', 'abcabcabcabc', 'test1test1test1', '1q2w3e4r5t6y', 'Administrator', 'MANCHESTER'],
  ...[
    'iloveyouforever',
    'Minecraft123',
    'dragon123456',
    'football2020',
    'zaq12wsxcde3',
    'superman!!!!',
    '123456qwerty',
  ],
])('[PWD3] what guessers try first is refused: %s', (password) => {
  expect(isCommonPassword(password)).toBe(true)
})

test('[PWD4] hashes are made a few at a time, in the order of calls, and not without end', async () => {
  const inTurn = createTurns(2, 3)
  const gates: (() => void)[] = []
  const begun: number[] = []
  const work = (n: number) =>
    inTurn(async () => {
      begun.push(n)
      await new Promise<void>((open) => gates.push(open))
      if (n === 1) throw new Error('its own failure')
      return n
    })
  const calls = [0, 1, 2, 3, 4].map(work)
  const failure = expect(calls[1]).rejects.toThrow('its own failure')
  await expect(work(5)).rejects.toMatchObject({ code: 'unavailable' })
  expect(begun).toEqual([0, 1])
  while (begun.length < 5) {
    gates.shift()?.()
    await new Promise(setImmediate)
  }
  for (const open of gates) open()
  await failure
  expect(begun).toEqual([0, 1, 2, 3, 4])
  expect(await Promise.all([calls[0], calls[2], calls[3], calls[4]])).toEqual([0, 2, 3, 4])
})
