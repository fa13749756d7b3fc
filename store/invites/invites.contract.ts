import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import { AT, addUsers, join, makeRoom, roomId, userId } from '../test/fixtures.ts'
import type { OpenStore } from '../test/on-each-server.ts'
import type { TestStore } from '../test/open-test-store.ts'

const [ana, bob, carla] = [userId('ana'), userId('bob'), userId('carla')]
const MANY = { ofRoom: 100, ofUser: 100 }

export function describeInvites(open: OpenStore): void {
  describe('invitations', () => {
    let store: TestStore
    let room: RoomId
    let made = 0
    beforeAll(async () => {
      store = await open()
      await addUsers(store, ana, bob, carla)
    })
    beforeEach(async () => {
      room = roomId(`room-${++made}`)
      await makeRoom(store, room, [ana], { kind: 'private', name: 'Design' })
    })
    afterAll(() => store.close())

    const invite = async (user: UserId, limits = MANY, where = room) => {
      let result: string | undefined
      await store.archive.appendWith(where, async (transaction) => {
        const invitation = { room: where, user, role: 'member', by: ana, at: AT } as const
        result = await store.invites.people.put(transaction, invitation, limits)
        return []
      })
      return result
    }
    const link = (id: string, more: { uses?: number; expiresAt?: number; atMost?: number } = {}) => {
      const { uses = null, expiresAt = null, atMost = 100 } = more
      const entry = { id, room, role: 'member', hash: `hash ${id}`, sealed: `sealed ${id}`, note: '', by: ana } as const
      return store.invites.links.create({ ...entry, uses, expiresAt, createdAt: AT }, atMost)
    }
    const banBob = async (until: number) => {
      const client = new pg.Client({ connectionString: store.url })
      await client.connect()
      await client.query(`insert into room_bans values ($1, 'bob', $2, null, 'ana', $3)`, [room, until, AT])
      await client.end()
    }

    it('[INV1] an invitation shows the room and who invites, until it is taken back', async () => {
      expect(await invite(bob)).toBe('added')
      expect(await invite(bob)).toBe('unchanged')
      const by = { id: 'ana', displayName: 'ana B.' }
      const shown = { room, name: 'Design', topicLine: '', kind: 'private', members: 1, role: 'member', by, at: AT }
      expect(await store.invites.people.ofUser(bob, AT)).toContainEqual(shown)
      const pending = { user: { id: 'bob', displayName: 'bob B.' }, role: 'member', by, at: AT }
      expect(await store.invites.people.ofRoom(room)).toEqual([pending])
      expect(await store.invites.people.remove(room, bob)).toBe(true)
      expect(await store.invites.people.remove(room, bob)).toBe(false)
      expect(await store.invites.people.get(room, bob)).toBeUndefined()
    })

    it('[INV1] nobody is invited who does not exist', async () => {
      await expect(invite(userId('nobody'))).rejects.toMatchObject({ code: 'user_not_found' })
    })

    it('[INV1] [BLK1] who is banned, or has blocked who invites, sees no invitation', async () => {
      await invite(bob)
      const before = await store.invites.people.countOf(bob, AT)
      await banBob(AT + 10)
      expect(await store.invites.people.countOf(bob, AT)).toBe(before - 1)
      expect(await store.invites.people.countOf(bob, AT + 10)).toBe(before)
      expect((await store.invites.people.ofUser(bob, AT)).map((one) => one.room)).not.toContain(room)
    })

    it('[INV2] who joins by whatever way is no longer invited and no longer asks', async () => {
      await invite(bob)
      await store.invites.requests.put({ room, user: bob, text: '', at: AT }, MANY)
      await join(store, room, bob)
      expect(await store.invites.people.get(room, bob)).toBeUndefined()
      expect(await store.invites.requests.has(room, bob)).toBe(false)
    })

    it('[INV12] invitations of a room and of a person are limited', async () => {
      expect(await invite(bob, { ofRoom: 1, ofUser: 100 })).toBe('added')
      expect(await invite(carla, { ofRoom: 1, ofUser: 100 })).toBe('full')
      const other = roomId(`other-${made}`)
      await makeRoom(store, other, [ana], { kind: 'private' })
      expect(await invite(bob, { ofRoom: 100, ofUser: 1 }, other)).toBe('full')
    })

    it('[INV5] ten at once on three uses: three come in, and no more after them', async () => {
      await link(`three-${made}`, { uses: 3 })
      const tries = Array.from({ length: 10 }, () => store.invites.links.use(`three-${made}`, AT))
      expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(3)
      expect(await store.invites.links.use(`three-${made}`, AT)).toBe(false)
      await store.invites.links.giveBack(`three-${made}`)
      expect(await store.invites.links.use(`three-${made}`, AT)).toBe(true)
      expect(await store.invites.links.live(room, AT)).toEqual([])
    })

    it('[INV4] a link ends at its time, or when it is revoked, and works only until then', async () => {
      await link(`timed-${made}`, { expiresAt: AT + 10 })
      await link(`endless-${made}`)
      const live = async (at: number) => (await store.invites.links.live(room, at)).map(({ id }) => id)
      expect(await live(AT + 9)).toEqual([`endless-${made}`, `timed-${made}`])
      expect(await store.invites.links.use(`timed-${made}`, AT + 9)).toBe(true)
      expect(await store.invites.links.use(`timed-${made}`, AT + 10)).toBe(false)
      expect(await live(AT + 10)).toEqual([`endless-${made}`])
      expect(await store.invites.links.revoke(null, `endless-${made}`)).toBe(false)
      expect(await store.invites.links.revoke(room, `endless-${made}`)).toBe(true)
      expect(await store.invites.links.use(`endless-${made}`, AT)).toBe(false)
      expect(await store.invites.links.findByHash(`hash endless-${made}`)).toBeUndefined()
    })

    it('[INV12] ten links at once where three may be: three', async () => {
      const made = await Promise.all(Array.from({ length: 10 }, (_, i) => link(`${room}-${i}`, { atMost: 3 })))
      expect(made.filter(Boolean)).toHaveLength(3)
    })

    it('[INV10] invitations to the server have no room, no role, and perhaps no maker', async () => {
      const entry = { id: `server-${made}`, hash: `server ${made}`, sealed: 's', note: 'for the choir', uses: 1 }
      expect(await store.invites.links.create({ ...entry, createdAt: AT, expiresAt: null }, 100)).toBe(true)
      const found = await store.invites.links.findByHash(`server ${made}`)
      const { hash: _, ...shown } = entry
      expect(found).toEqual({ ...shown, used: 0, createdAt: AT, expiresAt: null })
      expect((await store.invites.links.live(null, AT)).map(({ id }) => id)).toContain(`server-${made}`)
      expect(await store.invites.links.live(room, AT)).toEqual([])
    })

    it('[INV8] requests wait in order; ten of one person at once where three may be: three', async () => {
      const rooms = Array.from({ length: 10 }, (_, i) => roomId(`ask-${made}-${i}`))
      for (const one of rooms) await makeRoom(store, one, [ana], { kind: 'private' })
      const ask = (where: RoomId, user: UserId, at = AT) =>
        store.invites.requests.put({ room: where, user, text: `of ${user}`, at }, { ofRoom: 2, ofUser: 3 })
      const answers = await Promise.all(rooms.map((one) => ask(one, carla)))
      expect(answers.filter((answer) => answer === 'added')).toHaveLength(3)
      expect(await store.invites.requests.ofUser(carla)).toHaveLength(3)
      expect(await ask(room, bob, AT + 1)).toBe('added')
      expect(await ask(room, bob, AT + 2)).toBe('changed')
      expect(await ask(room, ana)).toBe('added')
      expect((await store.invites.requests.ofRoom(room, AT)).map(({ user }) => user)).toEqual([ana, bob])
      await banBob(AT + 10)
      expect((await store.invites.requests.ofRoom(room, AT)).map(({ user }) => user)).toEqual([ana])
      expect(await store.invites.requests.counts([room, roomId('none')], AT)).toEqual(new Map([[room, 1]]))
      expect(await store.invites.requests.remove(room, bob)).toBe(true)
      expect(await store.invites.requests.remove(room, bob)).toBe(false)
    })
  })
}
