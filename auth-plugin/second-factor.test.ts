import { Secret } from 'otpauth'
import { describe, expect, test } from 'vitest'
import type { UserId } from '../protocol/ids.ts'
import { createRecoveryCodeMaker } from './recovery-codes.ts'
import { deriveKey, encrypt } from './secrets.ts'
import { createSignInTickets } from './sign-in-tickets.ts'
import { createTotpCodes, isTotpCode } from './totp.ts'

const alice = 'alice' as UserId
const bob = 'bob' as UserId
const KEY = new Uint8Array(32).fill(1)
const OTHER_KEY = new Uint8Array(32).fill(2)
const NOW = 1_763_652_000_000

describe('codes of authenticator apps', () => {
  const secret = Secret.fromUTF8('12345678901234567890').base32
  const sealed = encrypt(deriveKey(KEY, 'second factor secrets'), secret, alice)
  const stepOf = (code: string, seconds: number, user = alice) =>
    createTotpCodes(KEY).stepOf(user, sealed, code, seconds * 1000)

  test.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('[MFA2] at %d s the code of RFC 6238 is %s', (seconds, code) => {
    expect(stepOf(code, seconds)).toBe(Math.floor(seconds / 30))
  })

  test('[MFA2] a step early or late it is still of its own step, and of none beyond', () => {
    expect([0, 29, 30, 59, 60, 89].map((seconds) => stepOf('287082', seconds))).toEqual([1, 1, 1, 1, 1, 1])
    expect([90, 3_600].map((seconds) => stepOf('287082', seconds))).toEqual([undefined, undefined])
    expect(stepOf('287 082', 59)).toBe(1)
    for (const wrong of ['', '287081', '87082', '2870820', '２８７０８２', '287082\n1', '-87082', '0x1234']) {
      expect(stepOf(wrong, 59), wrong).toBeUndefined()
    }
    expect(isTotpCode('287082')).toBe(true)
  })

  test('[MFA1] a sealed secret opens for its user and this server alone', () => {
    expect(() => stepOf('287082', 59, bob)).toThrow()
    expect(() => createTotpCodes(OTHER_KEY).stepOf(alice, sealed, '287082', 59_000)).toThrow()
    expect(() => createTotpCodes(KEY).stepOf(alice, `${sealed.slice(0, -2)}xx`, '287082', 59_000)).toThrow()
  })
})

describe('recovery codes', () => {
  const maker = createRecoveryCodeMaker(KEY)

  test('[MFA3] are found again however they are typed, for their user and on this server alone', () => {
    const { codes, hashes } = maker.create(alice)
    const typed = codes.map((code) => ` ${code.toUpperCase().replaceAll('-', '  ')} `)
    expect(typed.map((code) => maker.hash(alice, code))).toEqual(hashes)
    expect(codes.map((code) => maker.hash(bob, code)).filter((hash) => hashes.includes(hash ?? ''))).toEqual([])
    const elsewhere = createRecoveryCodeMaker(OTHER_KEY)
    expect(codes.some((code) => hashes.includes(elsewhere.hash(alice, code) ?? ''))).toBe(false)
    for (const wrong of ['', '123456', 'x'.repeat(100_000)]) expect(maker.hash(alice, wrong)).toBeUndefined()
  })

  test('[MFA3] none of them looks like a code of an app', () => {
    for (let i = 0; i < 100; i++) expect(maker.create(alice).codes.some(isTotpCode)).toBe(false)
  })
})

describe('tickets', () => {
  const tickets = createSignInTickets(KEY)
  const read = (ticket: string, hash: string | undefined, at = NOW) => tickets.read(ticket, async () => hash, at)

  test('[MFA4] name their user and when they end', async () => {
    const ticket = tickets.create(alice, 'hash', NOW)
    expect(await read(ticket, 'hash')).toEqual({ user: alice, id: expect.any(String), expiresAt: NOW + 300_000 })
    expect(await read(ticket, 'hash', NOW + 299_999)).toBeDefined()
    expect(await read(ticket, 'hash', NOW + 300_000)).toBeUndefined()
    expect(await read(ticket, 'another hash')).toBeUndefined()
    expect(await read(ticket, undefined)).toBeUndefined()
    expect(ticket).not.toContain('hash')
  })

  test('[MFA4] nobody without the key makes one or changes one', async () => {
    const ticket = tickets.create(alice, 'hash', NOW)
    const [head = '', mark = ''] = ticket.split('.')
    const body = Buffer.from(head.slice(4), 'base64url').toString()
    const pack = (text: string) => `tds_${Buffer.from(text).toString('base64url')}.${mark}`
    expect(await read(pack(body), 'hash')).toBeDefined()
    for (const changed of [
      pack(body.replace('alice', 'bob')),
      pack(body.replace(String(NOW + 300_000), String(NOW + 900_000))),
      pack(body.replace(String(NOW + 300_000), 'NaN')),
      pack(`${body}x`),
      pack(''),
      `${head}.`,
      head,
      `${ticket}.`,
      createSignInTickets(OTHER_KEY).create(alice, 'hash', NOW),
    ]) {
      expect(await read(changed, 'hash'), changed).toBeUndefined()
    }
  })
})
