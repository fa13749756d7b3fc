import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AT, addUsers, makeRoom, roomId, userId } from '../test/fixtures.ts'
import type { OpenStore } from '../test/on-each-server.ts'
import type { TestStore } from '../test/open-test-store.ts'
import type { AccessChange } from './access-changes.ts'

const [alice, bob, carol, dave] = [userId('alice'), userId('bob'), userId('carol'), userId('dave')]
const refusal = (code: string) => expect.objectContaining({ code })

export function describeAdministration(open: OpenStore): void {
  describe('administration', () => {
    let store: TestStore
    beforeAll(async () => {
      store = await open()
      await addUsers(store, alice, bob, carol, dave)
    })
    afterAll(() => store.close())

    const session = (user: typeof alice, id: string) =>
      store.accounts.sessions.create({
        id,
        user,
        device: '',
        refreshHash: id,
        createdAt: AT,
        expiresAt: AT + 1e9,
        places: [],
      })

    it('[ADM2] the first account is the owner, of many that are made at once one', async () => {
      expect(await store.administration.roles.of(alice)).toBe('owner')
      expect(await store.administration.roles.of(bob)).toBeUndefined()
      const other = await open()
      const many = Array.from({ length: 8 }, (_, i) => userId(`user-${i}`))
      await Promise.all(many.map((user) => addUsers(other, user)))
      const roles = await Promise.all(many.map((user) => other.administration.roles.of(user)))
      expect(roles.filter((role) => role === 'owner')).toHaveLength(1)
      await other.close()
    })

    it('[ADM3] the last owner stays, also when two give way to each other at once', async () => {
      const { roles } = store.administration
      await expect(roles.set(alice, null, AT)).rejects.toEqual(refusal('conflict'))
      await expect(roles.set(alice, 'moderator', AT)).rejects.toEqual(refusal('conflict'))
      await expect(roles.set(userId('nobody'), 'owner', AT)).rejects.toEqual(refusal('user_not_found'))
      expect(await roles.set(bob, 'owner', AT)).toBeUndefined()
      expect(await roles.isLastOwner(alice, AT)).toBe(false)
      const both = await Promise.allSettled([roles.set(alice, null, AT), roles.set(bob, null, AT)])
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      await roles.set(alice, 'owner', AT)
      await roles.set(bob, null, AT)
    })

    it('[ADM3] nor is he suspended; an owner who is suspended does not count', async () => {
      const { roles } = store.administration
      const { suspensions } = store.accounts
      await expect(suspensions.put(alice, { at: AT, reason: 'no' })).rejects.toEqual(refusal('conflict'))
      await roles.set(bob, 'owner', AT)
      await suspensions.put(bob, { at: AT, reason: 'yes' })
      await expect(roles.set(alice, null, AT)).rejects.toEqual(refusal('conflict'))
      await suspensions.remove(bob, AT)
      await roles.set(bob, null, AT)
    })

    it('[ADM6] a suspension ends every session, holds until its end, and can be taken back', async () => {
      const { suspensions } = store.accounts
      await session(carol, 'c1')
      await suspensions.put(carol, { at: AT, reason: 'spam', until: AT + 100, by: alice })
      expect(await store.accounts.sessions.list(carol, AT)).toEqual([])
      expect(await suspensions.current(carol, AT + 99)).toEqual({ at: AT, reason: 'spam', until: AT + 100, by: alice })
      expect(await suspensions.current(carol, AT + 100)).toBeUndefined()
      await suspensions.put(carol, { at: AT + 1, reason: 'for good' })
      expect(await suspensions.current(carol, AT * 2)).toEqual({ at: AT + 1, reason: 'for good' })
      expect(await suspensions.remove(carol, AT)).toBe(true)
      expect(await suspensions.remove(carol, AT)).toBe(false)
      await expect(suspensions.put(userId('nobody'), { at: AT, reason: 'x' })).rejects.toEqual(
        refusal('user_not_found'),
      )
    })

    it('[ADM5] a report is kept once while it is open; more than twenty in an hour are refused', async () => {
      const { reports } = store.administration
      const message = { from: carol, at: AT, text: 'buy this' }
      const about = { room: roomId('ops'), seq: 4, message }
      const one = { at: AT, reporter: bob, subject: carol, reason: 'spam', text: 'again', about } as const
      const { id } = await reports.add(one)
      expect(await reports.add(one)).toEqual({ id, isNew: false })
      expect((await reports.add({ ...one, reporter: dave })).isNew).toBe(true)
      expect(await reports.get(id)).toEqual({
        ...{ id, at: AT, state: 'open', reason: 'spam', text: 'again', reporter: 'bob', subject: 'carol' },
        ...{ subjectName: 'carol B.', room: 'ops', seq: 4, message },
      })
      await reports.removed(roomId('ops'), 4)
      expect((await reports.list({ open: true, limit: 10 })).map(({ removed }) => removed)).toEqual([true, true])
      expect(await reports.close(id, { state: 'dismissed', by: alice, at: AT + 5 })).toBe(true)
      expect(await reports.close(id, { state: 'handled', by: alice, at: AT + 6 })).toBe(false)
      await reports.note(id, 'not that bad')
      expect(await reports.list({ open: false, limit: 10 })).toMatchObject([
        { id, state: 'dismissed', note: 'not that bad', closedBy: 'alice', closedAt: AT + 5 },
      ])
      expect(await reports.mine(bob, 10)).toEqual([
        { id, at: AT, room: 'ops', seq: 4, reason: 'spam', state: 'handled' },
      ])
      for (let i = 1; i < 20; i++) await reports.add({ ...one, about: { ...about, seq: 100 + i } })
      const late = reports.add({ ...one, at: AT + 60_000, about: { ...about, seq: 999 } })
      await expect(late).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 3_540_000 })
      await reports.add({ ...one, at: AT + 3_600_001, about: { ...about, seq: 999 } })
    })

    it('[ADM4] the overview counts private rooms and names public ones alone', async () => {
      await makeRoom(store, roomId('open'), [alice, bob])
      await makeRoom(store, roomId('secret'), [alice, bob], { kind: 'private' })
      const { overview } = store.administration
      expect(await overview.rooms({ text: '', limit: 10 })).toEqual([
        { id: 'open', name: 'Room open', members: 2, messages: 0, createdAt: AT },
      ])
      expect(await overview.rooms({ text: 'secret', limit: 10 })).toEqual([])
      expect((await overview.counts(AT)).rooms).toEqual({ public: 1, private: 1, direct: 0 })
      await session(dave, 'd1')
      expect(await overview.user(dave, AT)).toEqual({ id: 'dave', displayName: 'dave B.', createdAt: AT, sessions: 1 })
      const ids = async (query: object) =>
        (await overview.users({ text: '', limit: 10, at: AT, ...query })).map(({ id }) => id)
      expect(await ids({ only: 'roles' })).toEqual(['alice'])
      expect(await ids({ text: 'CAR' })).toEqual(['carol'])
      expect(await ids({ after: bob, limit: 1 })).toEqual(['carol'])
    })

    it('[ADM9] the database tells what ended, also what is committed late, and to nobody twice for long', async () => {
      const { accessChanges } = store.administration
      const { suspensions } = store.accounts
      const slow = new pg.Client({ connectionString: store.url })
      await slow.connect()
      await session(bob, 'b1')
      await session(bob, 'b2')
      const { next: place } = await accessChanges.since('0')
      await slow.query('begin')
      await slow.query(`update sessions set ended_at = 1 where id = 'b1'`)
      await store.accounts.sessions.end(bob, { id: 'b2' }, AT)
      const told = ({ changes }: { changes: AccessChange[] }) => changes.map(({ id: _, ...change }) => change)
      const first = await accessChanges.since(place)
      expect(told(first)).toEqual([{ user: 'bob', credential: 'b2' }])
      await slow.query('commit')
      await slow.end()
      const second = await accessChanges.since(first.next)
      expect(told(second)).toContainEqual({ user: 'bob', credential: 'b1' })
      await suspensions.put(bob, { at: AT, reason: 'x' })
      const key = { id: 'k', publicKey: { kty: 'OKP', crv: 'Ed25519', x: '' }, privateKey: '' } as const
      await store.accounts.signingKeys.add({ ...key, createdAt: AT, retiredAt: null }, 0)
      const third = await accessChanges.since(second.next)
      expect(told(third)).toEqual([{ user: 'bob' }, {}])
      expect(told(await accessChanges.since(third.next))).toEqual([])
      await suspensions.remove(bob, AT)
    })

    it('[AUD2] not even SQL changes or deletes what the audit log holds', async () => {
      await store.audit.append({ at: AT, action: 'room-deleted', actor: alice })
      const client = new pg.Client({ connectionString: store.url })
      await client.connect()
      const change = 'update audit_log set actor = null'
      for (const statement of [change, 'delete from audit_log', 'truncate audit_log', `${change} where false`]) {
        await expect(client.query(statement), statement).rejects.toThrow('the audit log is append only')
      }
      await client.end()
      expect(await store.audit.list({ limit: 1 })).toMatchObject([{ action: 'room-deleted', actor: 'alice' }])
    })
  })
}
