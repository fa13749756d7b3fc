import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AT, addUsers, makeRoom, roomId, userId } from '../test/fixtures.ts'
import type { OpenStore } from '../test/on-each-server.ts'
import type { TestStore } from '../test/open-test-store.ts'

const [alice, bob, carol] = [userId('alice'), userId('bob'), userId('carol')]
const room = roomId('ops')

export function describeBans(open: OpenStore): void {
  describe('bans and mutes', () => {
    let store: TestStore
    beforeAll(async () => {
      store = await open()
      await addUsers(store, alice, bob, carol)
      await makeRoom(store, room, [alice, bob])
    })
    afterAll(() => store.close())

    const list = (now: number) => store.bans.list(room, { now, limit: 10 })
    const change = (work: (transaction: Parameters<typeof store.bans.put>[0]) => Promise<unknown>) =>
      store.archive.appendWith(room, async (transaction) => {
        await work(transaction)
        return []
      })

    it('[MOD1] a ban stands until its time is over, and the later one counts', async () => {
      await change((t) => store.bans.put(t, { room, user: bob, until: AT + 10, by: alice, at: AT, reason: 'spam' }))
      await change((t) => store.bans.put(t, { room, user: carol, until: AT + 99, by: alice, at: AT }))
      const bobs = { user: bob, displayName: 'bob B.', until: AT + 10, reason: 'spam', by: alice, at: AT }
      expect(await list(AT)).toEqual([
        bobs,
        { user: carol, displayName: 'carol B.', until: AT + 99, by: alice, at: AT },
      ])
      expect(await store.bans.list(room, { now: AT, limit: 10, after: bob })).toMatchObject([{ user: carol }])
      expect(await list(AT + 10)).toMatchObject([{ user: carol }])
      const open = async (now: number) => (await store.rooms.listPublic({ user: bob, limit: 10, now })).length
      expect([await open(AT), await open(AT + 10)]).toEqual([0, 1])
      expect((await store.members.standing(bob, room))?.bannedUntil).toBe(AT + 10)
      await change((t) => store.bans.put(t, { room, user: bob, until: AT + 50, by: alice, at: AT + 1 }))
      expect(await store.bans.get(room, bob)).not.toHaveProperty('reason')
      expect(await list(AT + 10)).toMatchObject([{ user: bob, until: AT + 50 }, { user: carol }])
    })

    it('[MOD1] is lifted once, and is of somebody who exists', async () => {
      const lifted: boolean[] = []
      for (let i = 0; i < 2; i++) await change(async (t) => lifted.push(await store.bans.remove(t, room, carol)))
      expect(lifted).toEqual([true, false])
      const ghost = userId('ghost')
      await expect(
        change((t) => store.bans.put(t, { room, user: ghost, until: AT, by: alice, at: AT })),
      ).rejects.toMatchObject({ code: 'user_not_found' })
    })

    it('[MOD3] a mute is part of the membership and ends with it', async () => {
      const muted: boolean[] = []
      await change(async (t) => muted.push(await store.members.mute(t, room, bob, AT + 5)))
      expect((await store.members.get(room, bob))?.mutedUntil).toBe(AT + 5)
      expect((await store.members.standing(bob, room))?.mutedUntil).toBe(AT + 5)
      expect((await store.rooms.overview(bob)).find(({ id }) => id === room)?.mutedUntil).toBe(AT + 5)
      await change(async (t) => muted.push(await store.members.mute(t, room, bob, null)))
      expect(await store.members.get(room, bob)).not.toHaveProperty('mutedUntil')
      await change(async (t) => muted.push(await store.members.mute(t, room, carol, AT)))
      expect(muted).toEqual([true, true, false])
    })
  })
}
