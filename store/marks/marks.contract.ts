import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addUsers, makeRoom, message, roomId, say, userId } from '../test/fixtures.ts'
import type { OpenStore } from '../test/on-each-server.ts'
import type { TestStore } from '../test/open-test-store.ts'

const [alice, bob, carol] = [userId('alice'), userId('bob'), userId('carol')]

export function describeMarks(open: OpenStore): void {
  describe('marks', () => {
    let store: TestStore
    const room = roomId('ops')
    beforeAll(async () => {
      store = await open()
      await addUsers(store, alice, bob, carol)
      await makeRoom(store, room, [alice, bob])
      await say(store, room, alice, ...Array.from({ length: 7 }, (_, i) => `m${i}`)) // head 10
    })
    afterAll(() => store.close())

    it('[RCP1] marks move forward only, and what is read is delivered', async () => {
      expect(await store.marks.get(room, bob)).toEqual({ read: 0, delivered: 0 })
      expect(await store.marks.advance([{ room, user: bob, delivered: 6 }])).toEqual([{ read: 0, delivered: 6 }])
      expect(await store.marks.advance([{ room, user: bob, read: 8 }])).toEqual([{ read: 8, delivered: 8 }])
      expect(await store.marks.advance([{ room, user: bob, read: 2, delivered: 3 }])).toEqual([
        { read: 8, delivered: 8 },
      ])
      expect(await store.marks.get(room, bob)).toEqual({ read: 8, delivered: 8 })
      expect(await store.marks.list(room)).toEqual([{ user: bob, read: 8, delivered: 8 }])
    })

    it('[RCP1] no mark passes the head, however large', async () => {
      expect(await store.marks.advance([{ room, user: alice, read: Number.MAX_SAFE_INTEGER }])).toEqual([
        { read: 10, delivered: 10 },
      ])
    })

    it('[RCP1] answers in the order asked, for members only, the same member twice included', async () => {
      const answers = await store.marks.advance([
        { room, user: carol, read: 1 },
        { room, user: bob, read: 9 },
        { room: roomId('none'), user: bob, read: 1 },
        { room, user: bob, delivered: 10 },
      ])
      expect(answers).toEqual([undefined, { read: 9, delivered: 10 }, undefined, { read: 9, delivered: 10 }])
      expect(await store.marks.get(room, carol)).toBeUndefined()
      expect(await store.marks.advance([])).toEqual([])
    })

    it('[INB1] counts unread messages and mentions of members; a deleted message mentions nobody', async () => {
      const other = roomId('dev')
      await makeRoom(store, other, [alice, bob])
      const said = await store.archive.append({ room: other, draft: message(alice, '@bob', { mentions: [bob] }) })
      await say(store, other, alice, 'more')
      const everybody = [alice, bob, carol].map((user) => ({ room: other, user }))
      const counts = await store.marks.counts([...everybody, { room: roomId('none'), user: bob }])
      expect(counts.sort((one, two) => one.unread - two.unread)).toEqual([
        { room: other, user: alice, head: 5, unread: 0, mentions: 0 },
        { room: other, user: bob, head: 5, unread: 2, mentions: 1 },
      ])
      await store.archive.append({
        room: other,
        draft: { type: 'deleted', from: alice, at: said.event.draft.at, target: said.event.seq },
      })
      expect(await store.marks.counts([{ room: other, user: bob }])).toMatchObject([{ unread: 2, mentions: 0 }])
      expect(await store.marks.counts([])).toEqual([])
    })
  })
}
