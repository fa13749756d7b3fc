import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HistoryPage } from '../../../protocol/events.ts'
import type { CatchUp, Sent, Sync } from '../../../protocol/http.ts'
import { codeOf, type House, openHouse, room, sessionOf } from '../../test/open-house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
  await house.addUsers('alice', 'bob', 'carol', 'dave')
  await house.call('alice', 'create-room', { room: 'ops', kind: 'public', members: ['bob'] }) // seq 1 to 3
  await house.call('alice', 'create-room', { room: 'past', kind: 'public' })
  await house.call('alice', 'update-room', { room: 'past', settings: { history: 'since_joining' } })
})
afterAll(() => house.close())

const send = (as: string, fields: object) => house.call<Sent>(as, 'send', fields)

describe('sending', () => {
  it('[P1] is answered with what the archive says, and the same id is the same event', async () => {
    const sent = await send('alice', { room: 'ops', text: 'hello', id: 'one' })
    expect(sent).toEqual({ seq: 4, id: 'one', at: house.clock.now() })
    expect(await send('alice', { room: 'ops', text: 'again', id: 'one' })).toEqual(sent)
    expect(await send('bob', { room: 'ops', type: 'react', seq: 4, emoji: '👍' })).toEqual({
      seq: 5,
      at: house.clock.now(),
    })
  })

  it.each([
    ['carol', { room: 'ops', text: 'hi' }, 'not_member'],
    ['alice', { room: 'ops', type: 'nonsense' }, 'unknown_type'],
    ['alice', { room: 'ops' }, 'invalid_command'],
    ['alice', { room: 'OPS', text: 'hi' }, 'invalid_request'],
    ['alice', { room: 'ops', type: 'edit', seq: 999, text: 'x' }, 'message_not_found'],
  ])('[CMD5] [CMD3] what %s asks with %j is refused: %s', async (as, input, code) => {
    expect(await codeOf(send(as, input))).toBe(code)
  })
})

describe('[HIS1] history', () => {
  it('[HIS1] pages forwards and backwards', async () => {
    const page = (input: object) => house.call<HistoryPage>('carol', 'history', { room: 'ops', ...input })
    expect((await page({ after: '2', limit: '2' })).messages.map((event) => event.seq)).toEqual([3, 4])
    const back = await page({ before: 3, limit: 1 })
    expect(back).toMatchObject({ messages: [{ seq: 2 }], more: true })
    expect(await codeOf(page({ after: 1, before: 3 }))).toBe('invalid_request')
    expect(await codeOf(page({ after: 2 ** 31 }))).toBe('invalid_request')
  })

  it('[HIS1] since_joining: members from their joining on, strangers nothing', async () => {
    await send('alice', { room: 'past', text: 'secret' })
    expect(await house.call('dave', 'history', { room: 'past' })).toMatchObject({ messages: [], head: 4, more: false })
    await house.call('dave', 'join', { room: 'past' })
    await send('alice', { room: 'past', text: 'welcome' })
    const { messages, more } = await house.call<HistoryPage>('dave', 'history', { room: 'past', after: 0 })
    expect(messages.map((event) => event.seq)).toEqual([5, 6])
    expect(more).toBe(false)
  })
})

describe('[HIS2] catching up', () => {
  it('[HIS2] many rooms at once; those that I may not read are left out', async () => {
    await house.call('alice', 'create-room', { room: 'secret', kind: 'private' })
    const asked = { ops: 4, past: 0, secret: 0, 'no-such-room': 0 }
    const { rooms } = await house.call<CatchUp>('carol', 'catch-up', { rooms: asked })
    expect(Object.keys(rooms).toSorted()).toEqual(['ops', 'past'])
    expect(rooms[room('ops')]).toMatchObject({ messages: [{ seq: 5 }], head: 5, more: false })
    expect(rooms[room('past')]).toMatchObject({ messages: [], head: 6, more: false })
    const token = sessionOf('alice', { rooms: new Set([room('secret')]), access: 'read' })
    expect(Object.keys((await house.call<CatchUp>(token, 'catch-up', { rooms: asked })).rooms)).toEqual(['secret'])
  })

  it('[HIS2] says that there is more', async () => {
    const { rooms } = await house.call<CatchUp>('alice', 'catch-up', { rooms: { ops: 0 }, limit: 2 })
    expect(rooms[room('ops')]).toMatchObject({ messages: [{ seq: 1 }, { seq: 2 }], head: 5, more: true })
  })
})

describe('[SYN1] sync', () => {
  it('[SYN1] [RCP1] everything to start with, marks of a moment ago included', async () => {
    await send('alice', { room: 'ops', text: 'for you', mentions: ['bob'] })
    await send('alice', { room: 'ops', text: 'and more' })
    const marked = house.call('bob', 'mark', { room: 'ops', read: 4 })
    const sync = await house.call<Sync>('bob', 'sync')
    expect(sync.me).toEqual({ id: 'bob', displayName: 'Bob', createdAt: 1 })
    expect(sync.rooms).toMatchObject([
      { id: 'ops', role: 'member', head: 7, read: 4, delivered: 4, unread: 2, mentions: 1, last: { seq: 7 } },
    ])
    expect(sync.users).toEqual([{ id: 'alice', displayName: 'Alice', presence: { state: 'offline' } }])
    expect(await marked).toEqual({ read: 4, delivered: 4 })
  })

  it('[SYN1] a token for some rooms sees those alone', async () => {
    const token = sessionOf('alice', { rooms: new Set([room('past')]), access: 'read' })
    const sync = await house.call<Sync>(token, 'sync')
    expect(sync.rooms.map((one) => one.id)).toEqual(['past'])
    expect(sync.users).toEqual([])
  })

  it('[SYN1] a direct room names the other one', async () => {
    await house.call('carol', 'create-room', { kind: 'direct', members: ['dave'] })
    const { rooms } = await house.call<Sync>('dave', 'sync')
    expect(rooms.find((one) => one.kind === 'direct')).toMatchObject({ peer: 'carol' })
  })
})

describe('[USR1] the directory', () => {
  it('[USR1] finds by the beginning of either name', async () => {
    expect(await house.call('dave', 'users', { q: 'AL' })).toEqual({ users: [{ id: 'alice', displayName: 'Alice' }] })
    expect(await house.call('dave', 'users', { q: 'lice' })).toEqual({ users: [] })
    expect(await house.call('dave', 'users', { limit: '2' })).toMatchObject({ users: [{ id: 'alice' }, { id: 'bob' }] })
    expect(await house.call('dave', 'user', { user: 'bob' })).toEqual({
      id: 'bob',
      displayName: 'Bob',
      presence: { state: 'offline' },
      rooms: [],
    })
    expect(await codeOf(house.call('dave', 'user', { user: 'nobody' }))).toBe('user_not_found')
  })
})

describe('[INB1] mentions', () => {
  it('[INB1] members who are named are told after the commit; strangers and the sender are not', async () => {
    house.hush()
    const { seq } = await send('alice', { room: 'ops', text: 'hey', mentions: ['carol', 'alice', 'bob', 'bob'] })
    await house.heard('inbox', () => true)
    expect(house.told()).toEqual([
      ['inbox', { user: 'bob', notice: { type: 'mention', room: 'ops', seq, from: 'alice' } }],
    ])
  })
})
