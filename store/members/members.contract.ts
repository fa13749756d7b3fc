import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import { defaultSettings } from '../../protocol/room-settings.ts'
import { AT, addUsers, join, makeRoom, roomId, say, userId } from '../test/fixtures.ts'
import type { OpenStore } from '../test/on-each-server.ts'
import type { TestStore } from '../test/open-test-store.ts'

const [alice, bob, carol, dave] = [userId('alice'), userId('bob'), userId('carol'), userId('dave')]

export function describeMembers(open: OpenStore): void {
  describe('members', () => {
    let store: TestStore
    beforeAll(async () => {
      store = await open()
      await addUsers(store, alice, bob, carol, dave)
    })
    afterAll(() => store.close())

    const remove = (room: RoomId, user: UserId) =>
      store.archive.appendWith(room, async (transaction) =>
        (await store.members.remove(transaction, room, user)) ? [{ type: 'left', from: user, at: AT, user }] : [],
      )

    it('[P2] adding, changing and removing keep the list and the count', async () => {
      const room = roomId('ops')
      await makeRoom(store, room, [alice, bob])
      expect(await store.members.get(room, bob)).toEqual({
        user: bob,
        displayName: 'bob B.',
        role: 'member',
        joinedAt: AT,
        joinedSeq: 1,
      })
      const outcomes: string[] = []
      await store.archive.appendWith(room, async (transaction) => {
        outcomes.push(await store.members.put(transaction, { room, user: bob, role: 'admin', at: AT }))
        outcomes.push(await store.members.put(transaction, { room, user: bob, role: 'admin', at: AT }))
        outcomes.push(await store.members.put(transaction, { room, user: carol, role: 'reader', at: AT }))
        expect((await store.members.get(room, carol, transaction))?.role).toBe('reader')
        expect(await store.members.count(room, undefined, transaction)).toBe(3)
        return []
      })
      expect(outcomes).toEqual(['changed', 'unchanged', 'added'])
      expect((await store.members.list(room)).map(({ user, role }) => `${user} ${role}`)).toEqual([
        'alice owner',
        'bob admin',
        'carol reader',
      ])
      expect(await store.members.list(room, { after: alice, limit: 1 })).toMatchObject([{ user: bob }])
      expect(await store.members.count(room, 'owner')).toBe(1)
      expect(await remove(room, bob)).toHaveLength(1)
      expect(await remove(room, bob)).toEqual([])
      expect(await store.members.get(room, bob)).toBeUndefined()
      expect((await store.rooms.get(room))?.members).toBe(2)
    })

    it('[P2] who is unknown, or to a room that is unknown, cannot be added', async () => {
      await makeRoom(store, roomId('strict'), [alice])
      await expect(join(store, roomId('strict'), userId('ghost'))).rejects.toMatchObject({ code: 'user_not_found' })
      await expect(join(store, roomId('nowhere'), alice)).rejects.toMatchObject({ code: 'room_not_found' })
      expect((await store.rooms.get(roomId('strict')))?.members).toBe(1)
    })

    it('[P6] a standing tells role, kind and history, and ends with the membership', async () => {
      const room = roomId('private')
      await makeRoom(store, room, [alice], { kind: 'private', settings: { history: 'since_joining' } })
      await say(store, room, alice, 'early')
      const stranger = { kind: 'private', settings: { ...defaultSettings('private'), history: 'since_joining' } }
      expect(await store.members.standing(bob, room)).toEqual(stranger)
      await join(store, room, bob)
      expect(await store.members.standing(bob, room)).toEqual({ ...stranger, role: 'member', joinedSeq: 4 })
      expect((await store.members.roomsOf(bob)).get(room)).toEqual({ ...stranger, role: 'member', joinedSeq: 4 })
      await remove(room, bob)
      expect(await store.members.standing(bob, room)).toEqual(stranger)
      expect((await store.members.roomsOf(bob)).has(room)).toBe(false)
      expect(await store.members.standing(bob, roomId('none'))).toBeUndefined()
    })

    it('[P6] who comes back reads from then on, with new marks', async () => {
      const room = roomId('revolving')
      await makeRoom(store, room, [alice, bob])
      await store.marks.advance([{ room, user: bob, read: 3 }])
      await remove(room, bob)
      expect(await store.marks.list(room)).toEqual([])
      await join(store, room, bob)
      expect((await store.members.get(room, bob))?.joinedSeq).toBe(5)
      expect(await store.marks.get(room, bob)).toEqual({ read: 0, delivered: 0 })
    })

    it('companions are those in the same rooms, each once', async () => {
      const [eve, fay, gus] = [userId('eve'), userId('fay'), userId('gus')]
      await addUsers(store, eve, fay, gus)
      await makeRoom(store, roomId('c-1'), [eve, fay])
      await makeRoom(store, roomId('c-2'), [eve, fay, gus])
      expect(await store.members.companions(eve)).toEqual([
        { id: fay, displayName: 'fay B.' },
        { id: gus, displayName: 'gus B.' },
      ])
      expect(await store.members.companions(eve, 1)).toHaveLength(1)
      expect(await store.members.companions(dave)).toEqual([])
    })
  })
}
