import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AT, addUsers, roomId, userId } from '../test/fixtures.ts'
import type { OpenStore } from '../test/on-each-server.ts'
import type { TestStore } from '../test/open-test-store.ts'

const [alice, bob] = [userId('alice'), userId('bob')]

export function describeAudit(open: OpenStore): void {
  describe('the audit log', () => {
    let store: TestStore
    beforeAll(async () => {
      store = await open()
      await addUsers(store, alice, bob)
    })
    afterAll(() => store.close())

    it('[AUD1] tells who did what to whom, newest first, in pages', async () => {
      const details = { reason: 'spam' }
      await store.audit.append({ at: AT, action: 'user-suspended', actor: alice, subject: bob, details })
      await store.audit.append({ at: AT + 1, action: 'room-deleted', actor: bob, room: roomId('ops') })
      await store.audit.append({ at: AT + 2, action: 'signing-key-rotated' })
      const all = await store.audit.list({ limit: 10 })
      expect(all).toEqual([
        { id: expect.any(Number), at: AT + 2, action: 'signing-key-rotated' },
        { id: expect.any(Number), at: AT + 1, action: 'room-deleted', actor: 'bob', room: 'ops' },
        { id: expect.any(Number), at: AT, action: 'user-suspended', actor: 'alice', subject: 'bob', details },
      ])
      expect(await store.audit.list({ limit: 10, before: all[1]?.id ?? 0 })).toEqual(all.slice(2))
      expect(await store.audit.list({ limit: 1 })).toEqual(all.slice(0, 1))
      expect(await store.audit.list({ limit: 10, action: 'room-deleted' })).toEqual(all.slice(1, 2))
      expect(await store.audit.list({ limit: 10, about: alice })).toEqual(all.slice(2))
    })

    it('[AUD1] two who are new to it are not mixed up, also when they come at once', async () => {
      const many = Array.from({ length: 20 }, (_, i) => userId(i % 2 === 0 ? 'carol' : 'dave'))
      await Promise.all(many.map((actor, i) => store.audit.append({ at: AT + 10 + i, action: 'signed-in', actor })))
      const found = await store.audit.list({ limit: 50, action: 'signed-in' })
      expect(found.map(({ actor, at }) => [at, actor]).sort()).toEqual(many.map((actor, i) => [AT + 10 + i, actor]))
    })
  })
}
