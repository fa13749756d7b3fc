import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AdminUser, AuditPage, MyReport, Report, ServerStatus } from '../../../protocol/http/administration.ts'
import { codeOf, type House, openHouse, room, sessionOf, user } from '../../test/open-house.ts'

let house: House
let ended: unknown[]

beforeAll(async () => {
  house = await openHouse()
  house.bus.on('ended', (note) => ended.push(note))
  await house.addUsers('olga', 'mona', 'alice', 'bob', 'carol', 'spammer')
  await house.call('olga', 'admin-set-role', { user: 'mona', role: 'moderator' })
  await house.call('alice', 'create-room', { room: 'private', name: 'P', kind: 'private', members: ['spammer', 'bob'] })
  await house.call('alice', 'create-room', { room: 'open', name: 'O', kind: 'public' })
})
afterAll(() => house?.close())
beforeEach(() => {
  ended = []
})

const say = async (as: string, where: string, text: string): Promise<number> =>
  (await house.call<{ seq: number }>(as, 'send', { room: where, text })).seq
const audited = async (action: string) =>
  (await house.call<AuditPage>('olga', 'admin-audit', { action })).entries.map(({ id: _, at: __, ...entry }) => entry)
const queue = async (state: 'open' | 'closed' = 'open') =>
  (await house.call<{ reports: Report[] }>('mona', 'admin-reports', { state })).reports

describe('roles', () => {
  test('[ADM2] the first account owns the server, and is told so', async () => {
    expect(await house.call('olga', 'me')).toMatchObject({ id: 'olga', serverRole: 'owner' })
    expect(await house.call('alice', 'me')).not.toHaveProperty('serverRole')
  })

  test('[ADM1] ordinary users may nothing of it, and app tokens of an owner neither', async () => {
    const inputs: Record<string, object> = {
      'admin-users': {},
      'admin-rooms': {},
      'admin-audit': {},
      'admin-status': {},
      'admin-reports': {},
      'admin-update-report': { report: 1, state: 'handled' },
      'admin-remove-message': { report: 1 },
      'admin-suspend': { user: 'bob', reason: 'x' },
      'admin-restore': { user: 'bob' },
      'admin-set-role': { user: 'alice', role: 'owner' },
      'admin-end-sessions': { user: 'bob' },
      'admin-remove-second-factor': { user: 'bob' },
    }
    const names = house.domain.operations.all().flatMap(({ name }) => (name in inputs ? [name] : []))
    expect(names.sort()).toEqual(Object.keys(inputs).sort())
    const token = sessionOf('olga', { rooms: null, access: 'write' })
    for (const [name, input] of Object.entries(inputs)) {
      expect(await codeOf(house.call('alice', name, input)), name).toBe('forbidden')
      expect(await codeOf(house.call(token, name, input)), name).toBe('out_of_scope')
    }
  })

  test('[ADM1] a moderator sees no audit log and gives no roles; one who was relieved may nothing at once', async () => {
    expect(await codeOf(house.call('mona', 'admin-audit'))).toBe('forbidden')
    expect(await codeOf(house.call('mona', 'admin-set-role', { user: 'alice', role: 'moderator' }))).toBe('forbidden')
    await house.call('olga', 'admin-set-role', { user: 'alice', role: 'moderator' })
    await house.call('alice', 'admin-users')
    await house.call('olga', 'admin-set-role', { user: 'alice', role: null })
    expect(await codeOf(house.call('alice', 'admin-users'))).toBe('forbidden')
    expect((await audited('server-role-changed')).slice(0, 2)).toEqual([
      expect.objectContaining({ actor: 'olga', subject: 'alice', details: { from: 'moderator', to: 'none' } }),
      expect.objectContaining({ actor: 'olga', subject: 'alice', details: { from: 'none', to: 'moderator' } }),
    ])
    expect(await codeOf(house.call('olga', 'admin-set-role', { user: 'olga', role: null }))).toBe('conflict')
  })

  test('[ADM4] nobody gets sight of a room or power in it by a role on the server', async () => {
    for (const [name, input] of Object.entries({
      history: { room: 'private' },
      room: { room: 'private' },
      members: { room: 'private' },
      send: { room: 'private', text: 'x' },
      'delete-room': { room: 'private' },
    })) {
      for (const who of ['olga', 'mona']) expect(await codeOf(house.call(who, name, input)), name).toBe('not_member')
    }
    const { rooms } = await house.call<{ rooms: object[] }>('mona', 'admin-rooms')
    expect(rooms).toEqual([{ id: 'open', name: 'O', members: 1, messages: 0, createdAt: expect.any(Number) }])
    const status = await house.call<ServerStatus>('mona', 'admin-status')
    expect(status.rooms).toEqual({ public: 1, private: 1, direct: 0 })
    expect(status.users).toEqual({ all: 6, suspended: 0 })
  })
})

describe('reports', () => {
  test('[ADM5] carry the message as it stands, for those who can read it', async () => {
    const seq = await say('spammer', 'private', 'buy this')
    await house.call('spammer', 'send', { room: 'private', type: 'edit', seq, text: 'buy that' })
    const report = { room: 'private', seq, reason: 'spam', text: 'every day' }
    expect(await codeOf(house.call('carol', 'report', report))).toBe('not_member')
    expect(await codeOf(house.call('spammer', 'report', report))).toBe('conflict')
    expect(await codeOf(house.call('bob', 'report', { ...report, seq: 999 }))).toBe('message_not_found')
    expect(await codeOf(house.call('bob', 'report', { ...report, user: 'spammer' }))).toBe('invalid_request')
    expect(await codeOf(house.call('bob', 'report', { reason: 'spam' }))).toBe('invalid_request')
    expect(await codeOf(house.call('bob', 'report', { user: 'nobody', reason: 'spam' }))).toBe('user_not_found')
    const { id } = await house.call<{ id: number }>('bob', 'report', report)
    expect(await house.call('bob', 'report', report)).toEqual({ id })
    expect(await queue()).toMatchObject([
      {
        ...{ id, state: 'open', reason: 'spam', text: 'every day', reporter: 'bob', subject: 'spammer' },
        message: { from: 'spammer', text: 'buy that' },
      },
    ])
    expect(await audited('report-made')).toEqual([
      expect.objectContaining({
        actor: 'bob',
        subject: 'spammer',
        room: 'private',
        details: { report: id, reason: 'spam' },
      }),
    ])
  })

  test('[ADM7] the message is removed for everybody, in the name of the moderator, and says so', async () => {
    const [open] = await queue()
    const { id, seq } = open as Report
    const gone = house.heard('events', (events) => events.some(({ draft }) => draft.type === 'deleted'))
    expect(await house.call('mona', 'admin-remove-message', { report: id })).toMatchObject({ removed: true })
    expect((await gone).map(({ draft }) => draft)).toContainEqual(
      expect.objectContaining({ type: 'deleted', from: 'mona', target: seq, moderated: true }),
    )
    const { messages } = await house.call<{ messages: { seq: number }[] }>('bob', 'history', { room: 'private' })
    expect(messages.find((message) => message.seq === seq)).toMatchObject({ deleted: true, text: '' })
    await house.call('mona', 'admin-remove-message', { report: id })
    expect(await audited('message-removed')).toHaveLength(1)
  })

  test('[ADM7] no member makes his own deletion look like that', async () => {
    const seq = await say('bob', 'private', 'mine')
    house.hush()
    await house.call('bob', 'send', { room: 'private', type: 'delete', seq, moderated: true })
    const [event] = await house.heard('events', (events) => events[0]?.draft.type === 'deleted')
    expect(event?.draft).toMatchObject({ from: 'bob', target: seq })
    expect(event?.draft).not.toHaveProperty('moderated')
  })

  test('[ADM7] is closed once; the reporter hears that it was handled, no more', async () => {
    const [open] = await queue()
    const report = open?.id
    const closed = await house.call('mona', 'admin-update-report', { report, state: 'handled', note: 'removed it' })
    expect(closed).toMatchObject({ state: 'handled', closedBy: 'mona', note: 'removed it' })
    expect(await codeOf(house.call('mona', 'admin-update-report', { report, state: 'dismissed' }))).toBe('conflict')
    expect(await queue()).toEqual([])
    const { reports } = await house.call<{ reports: MyReport[] }>('bob', 'my-reports')
    expect(reports).toEqual([
      {
        id: report,
        at: expect.any(Number),
        room: 'private',
        seq: expect.any(Number),
        reason: 'spam',
        state: 'handled',
      },
    ])
    expect((await house.call<{ reports: [] }>('alice', 'my-reports')).reports).toEqual([])
    expect(await codeOf(house.call('mona', 'admin-update-report', { report: 999, note: 'x' }))).toBe('not_found')
  })

  test('[ADM6] a suspension can answer one', async () => {
    const { id } = await house.call<{ id: number }>('bob', 'report', { user: 'spammer', reason: 'harassment' })
    await house.call('mona', 'admin-suspend', { user: 'spammer', reason: 'again and again', report: id })
    expect((await queue('closed'))[0]).toMatchObject({ id, state: 'handled' })
    await house.call('mona', 'admin-restore', { user: 'spammer' })
  })
})

describe('suspension', () => {
  test('[ADM6] ends all credentials, is shown, written down, and taken back', async () => {
    const until = house.clock.now() + 60_000
    const shown = await house.call<AdminUser>('mona', 'admin-suspend', { user: 'spammer', reason: 'spam', until })
    expect(shown.suspension).toEqual({ at: expect.any(Number), reason: 'spam', until, by: 'mona' })
    expect(ended).toEqual([{ user: 'spammer', credentials: 'all' }])
    const { users } = await house.call<{ users: AdminUser[] }>('mona', 'admin-users', { only: 'suspended' })
    expect(users.map(({ id }) => id)).toEqual(['spammer'])
    await house.call('mona', 'admin-restore', { user: 'spammer' })
    expect(await codeOf(house.call('mona', 'admin-restore', { user: 'spammer' }))).toBe('not_found')
    expect((await audited('user-suspended'))[0]).toEqual(
      expect.objectContaining({ actor: 'mona', subject: 'spammer', details: { until } }),
    )
    expect((await audited('user-restored'))[0]).toMatchObject({ actor: 'mona', subject: 'spammer' })
  })

  test('[ADM6] is not for owners by moderators, not for oneself, not for a time that is over', async () => {
    const suspend = (as: string, who: string, more = {}) =>
      codeOf(house.call(as, 'admin-suspend', { user: who, reason: 'x', ...more }))
    expect(await suspend('mona', 'olga')).toBe('forbidden')
    expect(await suspend('mona', 'mona')).toBe('conflict')
    expect(await suspend('olga', 'olga')).toBe('conflict')
    expect(await suspend('olga', 'nobody')).toBe('user_not_found')
    expect(await suspend('olga', 'bob', { until: house.clock.now() })).toBe('invalid_request')
    expect(await suspend('olga', 'bob', { reason: ' ' })).toBe('invalid_request')
  })

  test('[ADM8] all sessions of somebody end, and how many is written down', async () => {
    const at = house.clock.now()
    for (const id of ['b1', 'b2']) {
      const session = { id, user: user('bob'), device: '', refreshHash: id, createdAt: at, expiresAt: at + 1e6 }
      await house.store.accounts.sessions.create({ ...session, places: [] })
    }
    expect(await house.call('mona', 'admin-end-sessions', { user: 'bob' })).toMatchObject({ id: 'bob', sessions: 0 })
    expect(ended).toEqual([{ user: 'bob', credentials: expect.arrayContaining(['b1', 'b2']) }])
    expect(await audited('sessions-ended')).toEqual([
      { action: 'sessions-ended', actor: 'mona', subject: 'bob', details: { sessions: 2 } },
    ])
  })
})

test('[ADM8] a second factor that was lost is taken away by an owner, and written down', async () => {
  expect(await codeOf(house.call('olga', 'admin-remove-second-factor', { user: 'bob' }))).toBe('not_found')
  const key = { id: 'k', user: user('bob'), name: 'Key', publicKey: 'x', counter: 0, transports: [], createdAt: 1 }
  await house.store.accounts.passkeys.add(key, 10)
  expect(await codeOf(house.call('mona', 'admin-remove-second-factor', { user: 'bob' }))).toBe('forbidden')
  const { users } = await house.call<{ users: AdminUser[] }>('olga', 'admin-users', { q: 'bob' })
  expect(users).toMatchObject([{ id: 'bob', secondFactor: true }])
  expect(await house.call('olga', 'admin-remove-second-factor', { user: 'bob' })).not.toHaveProperty('secondFactor')
  expect((await audited('second-factor-removed'))[0]).toMatchObject({ actor: 'olga', subject: 'bob' })
})

describe('what another process ended', () => {
  test('[ADM9] [P6] goes on the bus within two seconds, once', async () => {
    const at = house.clock.now()
    const session = { id: 'c1', user: user('carol'), device: '', refreshHash: 'c1', createdAt: at, expiresAt: at + 1e6 }
    await house.store.accounts.sessions.create({ ...session, places: [] })
    const look = async () => {
      house.advance(2_000)
      const { next } = await house.store.administration.accessChanges.since('0')
      return next
    }
    const heard = new Promise((resolve) => house.bus.on('ended', (note) => note.user === 'carol' && resolve(note)))
    await house.store.accounts.sessions.end(user('carol'), { id: 'c1' }, at)
    await look()
    expect(await heard).toEqual({ user: 'carol', credentials: ['c1'] })
    const told = new Promise((resolve) => house.bus.on('ended', (note) => note.user === 'alice' && resolve(note)))
    await house.store.accounts.suspensions.put(user('alice'), { at, reason: 'x' })
    // The look before must have armed the timer of the next one.
    await expect
      .poll(() => {
        house.advance(2_000)
        return Promise.race([told, Promise.resolve('not yet')])
      })
      .toEqual({ user: 'alice', credentials: 'all' })
    expect(ended.filter((note) => (note as { user: string }).user === 'carol')).toHaveLength(1)
    await house.store.accounts.suspensions.remove(user('alice'), at)
  })
})

test('[AUD1] a room that is deleted is written down', async () => {
  await house.call('alice', 'delete-room', { room: room('open') })
  expect(await audited('room-deleted')).toEqual([expect.objectContaining({ actor: 'alice', room: 'open' })])
})
