import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OPEN_PRIVACY } from '../../protocol/privacy.ts'
import { AT, addUsers, join, makeRoom, message, roomId, userId } from '../test/fixtures.ts'
import type { OpenStore } from '../test/on-each-server.ts'
import type { TestStore } from '../test/open-test-store.ts'

const [alice, bob, carol] = [userId('alice'), userId('bob'), userId('carol')]
const [dave, eve] = [userId('dave'), userId('eve')]

export function describePeople(open: OpenStore): void {
  describe('people', () => {
    let store: TestStore
    beforeAll(async () => {
      store = await open()
      await addUsers(store, alice, bob, carol, dave, eve)
      await makeRoom(store, roomId('square'), [alice, bob, carol, dave], { name: 'Square' })
      await makeRoom(store, roomId('attic'), [alice, bob], { kind: 'private', name: 'Attic' })
      await makeRoom(store, roomId('d1'), [alice, carol], { kind: 'direct', direct: [alice, carol] })
    })
    afterAll(() => store.close())

    it('[PEO4] contacts share a private or a direct room, not a public one', async () => {
      expect((await store.people.contacts(alice, 10)).map(({ id }) => id)).toEqual([bob, carol])
      expect(await store.people.contacts(dave, 10)).toEqual([])
      expect(await store.people.contactsAmong(alice, [bob, carol, dave, eve])).toEqual(new Set([bob, carol]))
      expect((await store.people.contacts(alice, 1)).map(({ id }) => id)).toEqual([bob])
      await join(store, roomId('attic'), dave)
      expect(await store.people.contactsAmong(dave, [alice, bob, carol])).toEqual(new Set([alice, bob]))
    })

    it('[PEO3] rooms of both, the direct one left out', async () => {
      expect(await store.people.sharedRooms(alice, bob, 10)).toEqual([
        { id: 'attic', name: 'Attic', kind: 'private' },
        { id: 'square', name: 'Square', kind: 'public' },
      ])
      expect((await store.people.sharedRooms(alice, carol, 10)).map(({ id }) => id)).toEqual(['square'])
      expect(await store.people.sharedRooms(alice, eve, 10)).toEqual([])
    })

    it('[PEO5] settings are open until changed, field by field, also by two at once', async () => {
      expect(await store.people.privacy(eve)).toEqual(OPEN_PRIVACY)
      expect(await store.people.rules([eve])).toEqual(new Map())
      const changes = await Promise.all([
        store.people.changePrivacy(eve, { presence: 'nobody' }),
        store.people.changePrivacy(eve, { typing: false }),
      ])
      const wanted = { ...OPEN_PRIVACY, presence: 'nobody', typing: false }
      expect(changes.map(({ after }) => after)).toContainEqual(wanted)
      expect(await store.people.privacy(eve)).toEqual(wanted)
      expect((await store.people.rules([alice, eve])).get(eve)).toEqual({ privacy: wanted, blocks: new Set() })
      await expect(store.people.changePrivacy(userId('nobody'), {})).rejects.toMatchObject({ code: 'user_not_found' })
    })

    it('[PEO9] blocks are of one person against one other', async () => {
      expect(await store.people.block(bob, dave, AT)).toBe(true)
      expect(await store.people.block(bob, dave, AT + 1)).toBe(false)
      expect(await store.people.block(bob, eve, AT + 2)).toBe(true)
      expect(await store.people.blocks(bob)).toEqual([
        { user: eve, displayName: 'eve B.', at: AT + 2 },
        { user: dave, displayName: 'dave B.', at: AT },
      ])
      expect((await store.people.rules([bob, dave])).get(bob)?.blocks).toEqual(new Set([dave, eve]))
      expect((await store.people.rules([dave])).has(dave)).toBe(false)
      expect(await store.people.unblock(bob, eve)).toBe(true)
      expect(await store.people.unblock(bob, eve)).toBe(false)
      await expect(store.people.block(bob, userId('nobody'), AT)).rejects.toMatchObject({ code: 'user_not_found' })
    })

    it('[PEO11] who is blocked mentions nobody', async () => {
      const room = roomId('attic')
      const counts = async () => (await store.marks.counts([{ room, user: bob }]))[0]
      await store.archive.append({ room, draft: message(dave, '@bob', { mentions: [bob] }) })
      await store.archive.append({ room, draft: message(alice, '@bob', { mentions: [bob] }) })
      expect(await counts()).toMatchObject({ unread: 2, mentions: 1 })
      await store.people.unblock(bob, dave)
      expect(await counts()).toMatchObject({ unread: 2, mentions: 2 })
    })

    it('[PEO2] each upload has an id of its own; the one before is gone', async () => {
      const { avatars, users } = store.accounts
      await avatars.put(alice, { id: 'a1', type: 'image/png', body: Uint8Array.of(1), at: AT })
      await avatars.put(alice, { id: 'a2', type: 'image/webp', body: Uint8Array.of(2, 3), at: AT })
      expect(await avatars.get('a1')).toBeUndefined()
      expect(await avatars.get('a2')).toEqual({ type: 'image/webp', body: Buffer.from([2, 3]) })
      expect(await users.get(alice)).toMatchObject({ avatar: 'a2' })
      expect(await store.members.get(roomId('attic'), alice)).toMatchObject({ avatar: 'a2' })
      expect((await store.members.companions(bob)).find(({ id }) => id === alice)).toMatchObject({ avatar: 'a2' })
      expect(await avatars.remove(alice)).toBe(true)
      expect(await avatars.remove(alice)).toBe(false)
      expect(await users.get(alice)).not.toHaveProperty('avatar')
      const nobody = avatars.put(userId('nobody'), { id: 'a3', type: 'image/png', body: Uint8Array.of(1), at: AT })
      await expect(nobody).rejects.toMatchObject({ code: 'user_not_found' })
    })
  })
}
