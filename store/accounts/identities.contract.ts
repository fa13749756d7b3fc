import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UserId } from '../../protocol/ids.ts'
import { AT, addUsers, userId } from '../test/fixtures.ts'
import type { OpenStore } from '../test/on-each-server.ts'
import type { TestStore } from '../test/open-test-store.ts'
import type { Accounts } from './index.ts'

const ISSUER = 'https://id.example'

export function describeIdentities(open: OpenStore): void {
  describe('identities', () => {
    let store: TestStore
    let accounts: Accounts
    let count = 0
    const nobody = (): UserId => userId(`linked-${count++}`)
    const identity = (subject: string) => ({
      ...{ id: `i-${subject}-${count++}`, issuer: ISSUER, subject, name: `${subject}@id.example`, createdAt: AT },
    })
    const addStranger = async (subject: string, email?: string): Promise<UserId> => {
      const id = nobody()
      await accounts.identities.createUser({ id, displayName: id, createdAt: AT }, identity(subject), email)
      return id
    }
    beforeAll(async () => {
      store = await open()
      accounts = store.accounts
    })
    afterAll(() => store.close())

    it('[OIDC3] makes an account without a password, with an address that nobody else has', async () => {
      const one = await addStranger('one', 'One@example.org')
      expect(await accounts.credentials.passwordHash(one)).toBeUndefined()
      expect(await accounts.emails.get(one)).toEqual({ address: 'One@example.org', verified: true })
      expect(await accounts.identities.find(ISSUER, 'one')).toMatchObject({ user: one, lastUsedAt: AT })
      const two = await addStranger('two', 'one@EXAMPLE.org')
      expect(await accounts.emails.get(two)).toBeUndefined()
      expect(await accounts.emails.ownerOf('one@example.org')).toBe(one)
      await accounts.credentials.setPassword(one, 'a hash', AT)
      expect(await accounts.credentials.passwordHash(one)).toBe('a hash')
    })

    it('[OIDC2] one identity is one account, also when two come at a time', async () => {
      const both = await Promise.allSettled([addStranger('same'), addStranger('same')])
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      await expect(addStranger('same')).rejects.toMatchObject({ code: 'conflict' })
      const taken = await addStranger('first')
      const again = accounts.identities.createUser(
        { id: taken, displayName: '', createdAt: AT },
        identity('new'),
        undefined,
      )
      await expect(again).rejects.toMatchObject({ code: 'username_taken' })
      expect(await accounts.identities.find(ISSUER, 'new')).toBeUndefined()
      const other = nobody()
      await addUsers(store, other)
      expect(await accounts.identities.link({ ...identity('first'), id: 'another', user: other })).toBe(false)
      expect(await accounts.identities.find(ISSUER, 'first')).toMatchObject({ user: taken })
    })

    it('[OIDC6] the last way in stays, also when the last two are unlinked at a time', async () => {
      const user = await addStranger('a')
      const [only] = await accounts.identities.list(user)
      expect(await accounts.identities.unlink(user, only?.id ?? '')).toBe('last')
      expect(await accounts.identities.link({ ...identity('b'), user })).toBe(true)
      const linked = await accounts.identities.list(user)
      const both = await Promise.all(linked.map(({ id }) => accounts.identities.unlink(user, id)))
      expect(both.sort()).toEqual(['last', 'unlinked'])
      const [left] = await accounts.identities.list(user)
      expect(await accounts.identities.unlink(user, 'i-none')).toBe('absent')
      await accounts.credentials.setPassword(user, 'a hash', AT)
      expect(await accounts.identities.unlink(user, left?.id ?? '')).toBe('unlinked')
      expect(await accounts.identities.list(user)).toEqual([])
    })
  })
}
