import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultSettings } from '../../protocol/room-settings.ts'
import { AT, addUsers, join, makeRoom, message, roomId, say, userId } from '../test/fixtures.ts'
import type { OpenStore } from '../test/on-each-server.ts'
import type { TestStore } from '../test/open-test-store.ts'

const [alice, bob, carol] = [userId('alice'), userId('bob'), userId('carol')]

export function describeRooms(open: OpenStore): void {
  describe('rooms', () => {
    let store: TestStore
    beforeAll(async () => {
      store = await open()
      await addUsers(store, alice, bob, carol)
    })
    afterAll(() => store.close())

    it('[P2] a new room stands as it was made, and its head is its last event', async () => {
      const room = roomId('ops')
      await makeRoom(store, room, [alice, bob], { name: 'Operations' })
      expect(await store.rooms.get(room)).toEqual({
        id: room,
        name: 'Operations',
        topicLine: '',
        kind: 'public',
        settings: defaultSettings('public'),
        head: 3,
        epoch: 1,
        members: 2,
        createdAt: AT,
      })
      expect(await store.rooms.get(roomId('none'))).toBeUndefined()
    })

    it('[P2] an id is taken once, and a refused change leaves nothing', async () => {
      const room = roomId('taken')
      await makeRoom(store, room, [alice])
      await expect(makeRoom(store, room, [bob])).rejects.toMatchObject({ code: 'room_exists' })
      expect(await store.members.list(room)).toHaveLength(1)
      expect((await store.rooms.get(room))?.head).toBe(2)
    })

    it('[P2] a direct pair has one room, in whichever order the two are named', async () => {
      const room = roomId('d-1')
      await makeRoom(store, room, [alice, bob], { kind: 'direct', direct: [bob, alice] })
      expect(await store.rooms.findDirect(alice, bob)).toBe(room)
      expect(await store.rooms.findDirect(bob, alice)).toBe(room)
      expect(await store.rooms.findDirect(alice, carol)).toBeUndefined()
      const second = makeRoom(store, roomId('d-2'), [alice, bob], { kind: 'direct', direct: [alice, bob] })
      await expect(second).rejects.toMatchObject({ code: 'room_exists' })
    })

    it('changes what is given and nothing else', async () => {
      const room = roomId('changing')
      await makeRoom(store, room, [alice], { name: 'Before' })
      const patch = (changes: Parameters<typeof store.rooms.patch>[2], of = room) =>
        store.archive.appendWith(of, async (transaction) => {
          await store.rooms.patch(transaction, of, changes, AT)
          return [{ type: 'changed', from: alice, at: AT, changes }]
        })
      await patch({ topicLine: 'all of it' })
      const settings = { ...defaultSettings('public'), history: 'since_joining' } as const
      await patch({ settings })
      expect(await store.rooms.get(room)).toMatchObject({
        name: 'Before',
        topicLine: 'all of it',
        settings,
        head: 4,
      })
      await expect(patch({ name: 'x' }, roomId('none'))).rejects.toMatchObject({ code: 'room_not_found' })
    })

    it('[P6] a deleted room is nowhere, its id stays taken, its pair may talk anew', async () => {
      const room = roomId('d-gone')
      await makeRoom(store, room, [alice, carol], { kind: 'direct', direct: [alice, carol] })
      await store.archive.appendWith(room, async (transaction) => {
        await store.rooms.remove(transaction, room, AT)
        return []
      })
      expect(await store.rooms.get(room)).toBeUndefined()
      expect(await store.rooms.findDirect(alice, carol)).toBeUndefined()
      expect((await store.members.roomsOf(carol)).has(room)).toBe(false)
      expect(await store.members.standing(alice, room)).toBeUndefined()
      await expect(store.archive.append({ room, draft: message(alice, 'hi') })).rejects.toMatchObject({
        code: 'room_not_found',
      })
      await expect(store.archive.page({ room, limit: 1 })).rejects.toMatchObject({ code: 'room_not_found' })
      await expect(makeRoom(store, room, [alice])).rejects.toMatchObject({ code: 'room_exists' })
      await makeRoom(store, roomId('d-new'), [alice, carol], { kind: 'direct', direct: [alice, carol] })
    })

    it('lists public rooms by name, topic line or id, the biggest first, wildcards taken as they stand', async () => {
      await makeRoom(store, roomId('garden-a'), [alice], { name: 'Gärten' })
      await makeRoom(store, roomId('garden-b'), [alice, bob], { name: '100% GÄRTEN' })
      await makeRoom(store, roomId('garden-c'), [alice, bob], { name: 'Gärten', kind: 'private' })
      const list = async (text: string) => {
        const found = await store.rooms.listPublic({ user: bob, now: AT, text, limit: 10 })
        return found.map(({ id, role }) => [id, role])
      }
      expect(await list('gärten')).toEqual([
        ['garden-b', 'member'],
        ['garden-a', undefined],
      ])
      expect(await list('0% g')).toEqual([['garden-b', 'member']])
      expect(await list('_arten')).toEqual([])
      expect(await list('GARDEN-A')).toEqual([['garden-a', undefined]])
      expect(await store.rooms.listPublic({ user: bob, now: AT, limit: 1 })).toHaveLength(1)
    })

    it('the overview counts what came after the read mark, the own last message and the joining', async () => {
      const [zoe, yan] = [userId('zoe'), userId('yan')]
      await addUsers(store, zoe, yan)
      const room = roomId('counted')
      await makeRoom(store, room, [yan])
      await say(store, room, yan, 'before zoe came')
      await join(store, room, zoe)
      const overview = async (user = zoe) => (await store.rooms.overview(user)).find(({ id }) => id === room)
      expect(await overview()).toMatchObject({ unread: 0, mentions: 0, role: 'member', read: 0, members: 2 })
      expect((await overview())?.last).toMatchObject({ seq: 3, text: 'before zoe came' })

      const [first = 0] = await say(store, room, yan, 'one', 'two')
      await store.archive.append({ room, draft: message(yan, 'zoe!', { mentions: [zoe, yan] }) })
      await store.archive.append({
        room,
        draft: { type: 'reacted', from: yan, at: AT, target: first as never, emoji: '👍' },
      })
      expect(await overview()).toMatchObject({ unread: 3, mentions: 1 })
      expect((await overview())?.last).toMatchObject({ text: 'zoe!' })

      await store.marks.advance([{ room, user: zoe, read: first }])
      expect(await overview()).toMatchObject({ unread: 2, mentions: 1, read: first, delivered: first })
      await say(store, room, zoe, 'here I am')
      expect(await overview()).toMatchObject({ unread: 0, mentions: 0 })
      expect(await overview(yan)).toMatchObject({ unread: 1, mentions: 0 })
    })

    it('the overview shows no last message from before joining where history begins with joining', async () => {
      const room = roomId('discreet')
      await makeRoom(store, room, [alice], { settings: { history: 'since_joining' } })
      await say(store, room, alice, 'secret')
      await join(store, room, bob)
      const last = async () => (await store.rooms.overview(bob)).find(({ id }) => id === room)?.last
      expect(await last()).toBeUndefined()
      await say(store, room, alice, 'hello bob')
      expect(await last()).toMatchObject({ text: 'hello bob' })
    })

    it('the overview names the other one of a direct room, and is empty for who is nowhere', async () => {
      const rooms = await store.rooms.overview(alice)
      expect(rooms.find(({ id }) => id === 'd-1')?.peer).toBe(bob)
      expect(rooms.find(({ id }) => id === 'ops')?.peer).toBeUndefined()
      expect(rooms.map(({ id }) => id)).toEqual(rooms.map(({ id }) => id).sort())
      expect(await store.rooms.overview(userId('nobody'))).toEqual([])
    })
  })
}
