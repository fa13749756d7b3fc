import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AT, addUsers, deviceId, makeRoom, roomId, userId } from '../test/fixtures.ts'
import type { OpenStore } from '../test/on-each-server.ts'
import type { TestStore } from '../test/open-test-store.ts'

const [alice, bob] = [userId('alice'), userId('bob')]
const [phone, laptop] = [deviceId('phone'), deviceId('laptop')]
const [ops, dev] = [roomId('ops'), roomId('dev')]

export function describeCursors(open: OpenStore): void {
  describe('cursors', () => {
    let store: TestStore
    beforeAll(async () => {
      store = await open()
      await addUsers(store, alice, bob)
      await makeRoom(store, ops, [alice, bob])
      await makeRoom(store, dev, [alice, bob])
    })
    afterAll(() => store.close())

    it('[P3] a cursor belongs to one device and one room, and moves forward only', async () => {
      await store.cursors.save(
        [
          { user: alice, device: phone, room: ops, seq: 5 },
          { user: alice, device: phone, room: dev, seq: 1 },
          { user: alice, device: laptop, room: ops, seq: 2 },
          { user: alice, device: phone, room: ops, seq: 7 },
          { user: alice, device: phone, room: ops, seq: 6 },
        ],
        AT,
      )
      await store.cursors.save([{ user: alice, device: phone, room: dev, seq: 0 }], AT + 1)
      expect(await store.cursors.load(alice, phone)).toEqual(
        new Map([
          [ops, 7],
          [dev, 1],
        ]),
      )
      expect(await store.cursors.load(alice, laptop)).toEqual(new Map([[ops, 2]]))
      expect(await store.cursors.load(bob, phone)).toEqual(new Map())
    })

    it('[P6] rooms and users that are not there have no cursors', async () => {
      await store.cursors.save(
        [
          { user: userId('ghost'), device: phone, room: ops, seq: 1 },
          { user: bob, device: phone, room: roomId('none'), seq: 1 },
          { user: bob, device: phone, room: ops, seq: 1 },
        ],
        AT,
      )
      expect(await store.cursors.load(bob, phone)).toEqual(new Map([[ops, 1]]))
      await store.cursors.save([], AT)
    })

    it('[P6] removal takes the cursors of a room, of a device, or of both', async () => {
      await store.cursors.remove({ user: alice, room: ops })
      expect(await store.cursors.load(alice, phone)).toEqual(new Map([[dev, 1]]))
      expect(await store.cursors.load(alice, laptop)).toEqual(new Map())
      expect(await store.cursors.load(bob, phone)).toEqual(new Map([[ops, 1]]))
      await store.cursors.remove({ user: alice, device: phone, room: dev })
      expect(await store.cursors.load(alice, phone)).toEqual(new Map())
    })

    it('[P7] cursors that nobody moves are cleared away', async () => {
      await store.cursors.save([{ user: alice, device: laptop, room: ops, seq: 9 }], AT + 1_000)
      expect(await store.cursors.removeStale(AT + 1_000)).toBe(1)
      expect(await store.cursors.load(alice, laptop)).toEqual(new Map([[ops, 9]]))
    })
  })
}
