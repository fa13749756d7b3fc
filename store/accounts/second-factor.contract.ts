import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UserId } from '../../protocol/ids.ts'
import { AT, addUsers, userId } from '../test/fixtures.ts'
import type { OpenStore } from '../test/on-each-server.ts'
import type { TestStore } from '../test/open-test-store.ts'
import type { Accounts } from './index.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

export function describeSecondFactor(open: OpenStore): void {
  describe('the second factor', () => {
    let store: TestStore
    let accounts: Accounts
    let count = 0
    const addUser = async (): Promise<UserId> => {
      const user = userId(`factor-${count++}`)
      await addUsers(store, user)
      return user
    }
    const addTotp = async (user: UserId): Promise<void> => {
      await accounts.totp.begin(user, 'sealed', AT)
      await accounts.totp.confirm(user, { secret: 'sealed', step: 100, at: AT })
    }
    const passkey = (user: UserId, id: string, counter = 0) => ({
      ...{ id, user, name: 'a key', publicKey: 'public', counter },
      ...{ transports: ['internal'], createdAt: AT },
    })
    beforeAll(async () => {
      store = await open()
      accounts = store.accounts
    })
    afterAll(() => store.close())

    it('[MFA1] a secret counts when it is confirmed, and only the one that was begun last', async () => {
      const user = await addUser()
      expect(await accounts.totp.begin(user, 'first', AT)).toBe(true)
      expect(await accounts.totp.begin(user, 'second', AT + 1)).toBe(true)
      expect(await accounts.secondFactor.of(user)).toEqual({ totp: false, passkeys: 0, recoveryCodes: 0 })
      expect(await accounts.totp.attempt(user, AT)).toBeUndefined()
      expect(await accounts.totp.confirm(user, { secret: 'first', step: 1, at: AT })).toBe(false)
      expect(await accounts.totp.confirm(user, { secret: 'second', step: 1, at: AT })).toBe(true)
      expect(await accounts.totp.confirm(user, { secret: 'second', step: 2, at: AT })).toBe(false)
      expect(await accounts.totp.begin(user, 'third', AT)).toBe(false)
      expect(await accounts.totp.find(user)).toEqual({ secret: 'second', createdAt: AT + 1, confirmedAt: AT })
    })

    it('[MFA2] a step is spent once, also by many at a time, and none before it is good any more', async () => {
      const user = await addUser()
      await addTotp(user)
      expect(await accounts.totp.accept(user, 100)).toBe(false)
      const taken = await Promise.all(Array.from({ length: 20 }, () => accounts.totp.accept(user, 101)))
      expect(taken.filter(Boolean)).toHaveLength(1)
      expect(await accounts.totp.accept(user, 99)).toBe(false)
      expect(await accounts.totp.accept(user, 102)).toBe(true)
    })

    it('[MFA4] after ten wrong codes in a row each next one waits twice as long, up to a day', async () => {
      const user = await addUser()
      await addTotp(user)
      const burst = await Promise.all(Array.from({ length: 50 }, () => accounts.totp.attempt(user, AT)))
      expect(burst.filter((one) => one !== undefined && 'secret' in one)).toHaveLength(10)
      let at = AT
      const waits: number[] = []
      for (let i = 0; i < 14; i++) {
        const refused = await accounts.totp.attempt(user, at)
        const waitMs = refused && 'waitMs' in refused ? refused.waitMs : 0
        waits.push(waitMs / MINUTE)
        expect(await accounts.totp.attempt(user, at + waitMs - 1)).toEqual({ waitMs: 1 })
        at += waitMs
        expect(await accounts.totp.attempt(user, at)).toEqual({ secret: 'sealed' })
      }
      expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440])
      expect(await accounts.totp.accept(user, 200)).toBe(true)
      expect(await accounts.totp.attempt(user, at)).toEqual({ secret: 'sealed' })
    })

    it('[MFA3] a recovery code is spent once, also by many at a time; new ones end the old', async () => {
      const [user, other] = [await addUser(), await addUser()]
      await accounts.recoveryCodes.replace(user, ['a', 'b', 'c'])
      expect(await accounts.recoveryCodes.use(other, 'a')).toBe(false)
      const used = await Promise.all(Array.from({ length: 20 }, () => accounts.recoveryCodes.use(user, 'a')))
      expect(used.filter(Boolean)).toHaveLength(1)
      expect(await accounts.recoveryCodes.left(user)).toBe(2)
      expect(await accounts.recoveryCodes.putFirst(user, ['x'])).toBe(false)
      await accounts.recoveryCodes.replace(user, ['d'])
      expect(await accounts.recoveryCodes.use(user, 'b')).toBe(false)
      expect(await accounts.recoveryCodes.use(user, 'd')).toBe(true)
      const first = await Promise.all([['e'], ['f']].map((hashes) => accounts.recoveryCodes.putFirst(user, hashes)))
      expect(first.filter(Boolean)).toHaveLength(1)
      expect(await accounts.recoveryCodes.left(user)).toBe(1)
    })

    it('[KEY1] a passkey belongs to one user, who has not more of them than allowed', async () => {
      const [user, other] = [await addUser(), await addUser()]
      expect(await accounts.passkeys.add(passkey(user, 'k1'), 2)).toBe('added')
      expect(await accounts.passkeys.add(passkey(other, 'k1'), 2)).toBe('taken')
      expect(await accounts.passkeys.add(passkey(user, 'k2'), 2)).toBe('added')
      expect(await accounts.passkeys.add(passkey(user, 'k3'), 2)).toBe('full')
      expect(await accounts.passkeys.rename(other, 'k1', 'mine')).toBe(false)
      expect(await accounts.passkeys.rename(user, 'k1', 'the blue one')).toBe(true)
      expect(await accounts.passkeys.remove(other, 'k1')).toBe(false)
      expect(await accounts.passkeys.remove(user, 'k2')).toBe(true)
      expect(await accounts.passkeys.list(user)).toEqual([
        { ...passkey(user, 'k1'), name: 'the blue one', lastUsedAt: null },
      ])
    })

    it('[KEY4] where an authenticator counts, its counter only moves forward', async () => {
      const user = await addUser()
      await accounts.passkeys.add(passkey(user, 'counts', 5), 9)
      await accounts.passkeys.add(passkey(user, 'does not', 0), 9)
      const use = (id: string, counter: number) => accounts.passkeys.used(id, { counter, at: AT + counter })
      expect([await use('counts', 5), await use('counts', 0), await use('counts', 6)]).toEqual([false, false, true])
      expect((await Promise.all([use('counts', 7), use('counts', 7)])).filter(Boolean)).toHaveLength(1)
      expect([await use('does not', 0), await use('does not', 0)]).toEqual([true, true])
      expect(await accounts.passkeys.find('counts')).toMatchObject({ counter: 7, lastUsedAt: AT + 7 })
    })

    it('[MFA5] recovery codes go with the last factor; everything of a user can be taken away', async () => {
      const user = await addUser()
      await addTotp(user)
      await accounts.passkeys.add(passkey(user, 'last'), 9)
      await accounts.recoveryCodes.replace(user, ['a', 'b'])
      expect(await accounts.totp.remove(user)).toBe(true)
      expect(await accounts.totp.remove(user)).toBe(false)
      await accounts.secondFactor.dropIdleCodes(user)
      expect(await accounts.secondFactor.of(user)).toEqual({ totp: false, passkeys: 1, recoveryCodes: 2 })
      await accounts.passkeys.remove(user, 'last')
      await accounts.secondFactor.dropIdleCodes(user)
      expect(await accounts.secondFactor.of(user)).toEqual({ totp: false, passkeys: 0, recoveryCodes: 0 })
      await addTotp(user)
      await accounts.passkeys.add(passkey(user, 'again'), 9)
      await accounts.recoveryCodes.replace(user, ['c'])
      expect(await accounts.secondFactor.remove(user)).toBe(true)
      expect(await accounts.secondFactor.of(user)).toEqual({ totp: false, passkeys: 0, recoveryCodes: 0 })
      expect(await accounts.secondFactor.remove(user)).toBe(false)
    })

    it('[KEY3] what is good once is used once, also by many at a time, and forgotten when it would be over', async () => {
      const proof = { id: 'challenge', expiresAt: AT + MINUTE }
      const spend = (at: number) => accounts.secondFactor.spend(proof, at)
      const spent = await Promise.all(Array.from({ length: 20 }, () => spend(AT)))
      expect(spent.filter(Boolean)).toHaveLength(1)
      expect(await spend(AT + 2 * MINUTE)).toBe(false)
      await accounts.secondFactor.spend({ id: 'another', expiresAt: AT + 2 * DAY }, AT + DAY)
      expect(await spend(AT + DAY)).toBe(true)
    })
  })
}
