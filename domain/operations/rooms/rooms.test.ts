import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChatEvent, HistoryPage } from '../../../protocol/events.ts'
import type { RoomInfo } from '../../../protocol/http.ts'
import { isRoomId } from '../../../protocol/ids.ts'
import { defaultSettings } from '../../../protocol/room-settings.ts'
import { codeOf, type House, openHouse, room, sessionOf } from '../../test/open-house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
  await house.addUsers('alice', 'bob', 'carol', 'dave')
})
afterAll(() => house.close())
beforeEach(() => house.hush())

const log = async (as: string, id: string): Promise<ChatEvent[]> =>
  (await house.call<HistoryPage>(as, 'history', { room: id })).messages

describe('[ROOM1] making a room', () => {
  it('[ROOM1] the log begins with created, then everybody joined, and all of them are told', async () => {
    const made = await house.call<RoomInfo>('alice', 'create-room', {
      room: 'ops',
      name: ' Operations ',
      kind: 'public',
      members: ['bob', 'alice', 'bob'],
    })
    expect(made).toMatchObject({ id: 'ops', name: 'Operations', role: 'owner', members: 2, head: 3 })
    expect(await log('alice', 'ops')).toMatchObject([
      { seq: 1, type: 'created', from: 'alice', changes: { kind: 'public', name: 'Operations' } },
      { seq: 2, type: 'joined', from: 'alice', user: 'alice', role: 'owner' },
      { seq: 3, type: 'joined', from: 'alice', user: 'bob', role: 'member' },
    ])
    expect(house.told()).toEqual([
      ['membership', { room: 'ops', user: 'alice', role: 'owner' }],
      ['membership', { room: 'ops', user: 'bob', role: 'member' }],
      ['room', { room: 'ops' }],
      ['inbox', { user: 'bob', notice: { type: 'added', room: 'ops', role: 'member', by: 'alice' } }],
    ])
    expect(house.notes[0]?.name).toBe('events')
  })

  it('[ROOM1] a chosen id is taken once, also after the room is deleted', async () => {
    await house.call('alice', 'create-room', { room: 'once', kind: 'private' })
    expect(await codeOf(house.call('bob', 'create-room', { room: 'once', kind: 'public' }))).toBe('room_exists')
    await house.call('alice', 'delete-room', { room: 'once' })
    expect(await codeOf(house.call('bob', 'create-room', { room: 'once', kind: 'public' }))).toBe('room_exists')
  })

  it('[ROOM1] without an id, a public room is called after its name and a private one after nothing', async () => {
    const name = 'Café & Bar'
    const ids = []
    for (const kind of ['public', 'public', 'private']) {
      ids.push((await house.call<RoomInfo>('alice', 'create-room', { name, kind })).id)
    }
    expect(ids[0]).toBe('cafe-bar')
    expect(ids[1]).toMatch(/^cafe-bar-[a-z0-9]{5}$/)
    expect(ids[2]).toMatch(/^[a-z0-9]{16}$/)
    expect(isRoomId((await house.call<RoomInfo>('alice', 'create-room', { name: '食堂', kind: 'public' })).id)).toBe(
      true,
    )
  })

  it('[ROOM1] unknown members are named, and nothing is made', async () => {
    const making = house.call('alice', 'create-room', { room: 'ghosts', kind: 'private', members: ['bob', 'nobody'] })
    await expect(making).rejects.toMatchObject({ code: 'user_not_found', details: { users: ['nobody'] } })
    expect(await house.store.rooms.get(room('ghosts'))).toBeUndefined()
  })

  it('[ROOM1] a token for other rooms makes none', async () => {
    const scope = { rooms: new Set([room('ops')]), access: 'write' } as const
    const making = house.call(sessionOf('alice', scope), 'create-room', { room: 'elsewhere', kind: 'public' })
    expect(await codeOf(making)).toBe('out_of_scope')
  })
})

describe('[ROOM2] direct rooms', () => {
  it('[ROOM2] two people have one, whoever asks and however many at once', async () => {
    const asked = await Promise.all(
      ['alice', 'bob', 'alice'].map((me) =>
        house.call<RoomInfo>(me, 'create-room', { kind: 'direct', members: [me === 'bob' ? 'alice' : 'bob'] }),
      ),
    )
    expect(new Set(asked.map((one) => one.id)).size).toBe(1)
    expect(asked[0]).toMatchObject({ kind: 'direct', members: 2, role: 'member' })
    expect(house.told().filter(([name]) => name === 'inbox')).toHaveLength(1)
  })

  it.each([
    ['nobody else', { kind: 'direct', members: ['alice'] }, 'invalid_request'],
    ['two others', { kind: 'direct', members: ['bob', 'carol'] }, 'invalid_request'],
    ['an id', { kind: 'direct', members: ['bob'], room: 'us' }, 'invalid_request'],
    ['nobody known', { kind: 'direct', members: ['nobody'] }, 'user_not_found'],
  ])('[ROOM2] with %s is refused', async (_, input, code) => {
    expect(await codeOf(house.call('alice', 'create-room', input))).toBe(code)
  })

  it('[ROOM2] cannot be left, joined, changed, deleted or given to a third', async () => {
    const { id } = await house.call<RoomInfo>('alice', 'create-room', { kind: 'direct', members: ['carol'] })
    const asks = [
      house.call('alice', 'leave', { room: id }),
      house.call('alice', 'update-room', { room: id, name: 'mine' }),
      house.call('alice', 'delete-room', { room: id }),
      house.call('alice', 'put-member', { room: id, user: 'bob' }),
      house.call('alice', 'remove-member', { room: id, user: 'carol' }),
    ]
    expect(await Promise.all(asks.map(codeOf))).toEqual(Array(5).fill('forbidden'))
    expect(await codeOf(house.call('bob', 'join', { room: id }))).toBe('not_member')
  })
})

describe('[ROOM5] changing a room', () => {
  beforeAll(() =>
    house.call('alice', 'create-room', { room: 'plain', name: 'Plain', kind: 'public', members: ['bob'] }),
  )

  it('[ROOM5] what differs is one event; what is so already is none', async () => {
    const wanted = { room: 'plain', name: 'Fancy', topicLine: '', settings: { history: 'since_joining' } }
    const changed = await house.call<RoomInfo>('alice', 'update-room', wanted)
    expect(changed).toMatchObject({ name: 'Fancy', settings: { history: 'since_joining' } })
    expect((await log('alice', 'plain')).at(-1)).toMatchObject({
      type: 'changed',
      changes: { name: 'Fancy', settings: { ...defaultSettings('public'), history: 'since_joining' } },
    })
    expect(house.told()).toEqual([['room', { room: 'plain', rules: { settings: changed.settings } }]])
    const { head } = await house.call<RoomInfo>('alice', 'update-room', wanted)
    expect(head).toBe(changed.head)
  })

  it('[ROOM5] members and strangers may not', async () => {
    expect(await codeOf(house.call('bob', 'update-room', { room: 'plain', name: 'Mine' }))).toBe('forbidden')
    expect(await codeOf(house.call('carol', 'update-room', { room: 'plain', name: 'Mine' }))).toBe('not_member')
    expect(await codeOf(house.call('alice', 'update-room', { room: 'none', name: 'Mine' }))).toBe('not_member')
  })
})

describe('[ROOM6] deleting a room', () => {
  it('[ROOM6] [P6] everybody is out at once, in memory too', async () => {
    await house.call('alice', 'create-room', { room: 'gone', kind: 'private', members: ['bob'] })
    await house.domain.access.roomsOf(sessionOf('bob').user)
    expect(await codeOf(house.call('bob', 'delete-room', { room: 'gone' }))).toBe('forbidden')
    house.hush()
    await house.call('alice', 'delete-room', { room: 'gone' })
    expect(house.told()).toEqual([
      ['room', { room: 'gone', deleted: true }],
      ['membership', { room: 'gone', user: 'alice', role: null }],
      ['membership', { room: 'gone', user: 'bob', role: null }],
      ['inbox', { user: 'bob', notice: { type: 'removed', room: 'gone', by: 'alice' } }],
    ])
    expect(house.domain.access.known(sessionOf('bob').user, room('gone'))).toBeUndefined()
    expect(await codeOf(house.call('bob', 'history', { room: 'gone' }))).toBe('not_member')
    house.domain.access.release(sessionOf('bob').user)
  })
})

describe('[ROOM9] lists', () => {
  it('[ROOM9] my rooms, public rooms, and what a token may see of them', async () => {
    await house.call('dave', 'create-room', { room: 'dave-open', name: 'Garden', kind: 'public' })
    await house.call('dave', 'create-room', { room: 'dave-shut', name: 'Shed', kind: 'private' })
    const ids = async (as: Parameters<House['call']>[0], input: unknown) =>
      (await house.call<{ rooms: RoomInfo[] }>(as, 'rooms', input)).rooms.map((one) => one.id)
    expect(await ids('dave', {})).toEqual(['dave-open', 'dave-shut'])
    expect(await ids('dave', { q: 'shed' })).toEqual(['dave-shut'])
    expect(await ids('carol', { scope: 'public', q: 'garden' })).toEqual(['dave-open'])
    const token = sessionOf('dave', { rooms: new Set([room('dave-shut')]), access: 'read' })
    expect(await ids(token, {})).toEqual(['dave-shut'])
    expect(await ids(token, { scope: 'public' })).toEqual([])
  })

  it('[ROOM9] one room: with my role, or as a stranger sees a public one', async () => {
    expect(await house.call('dave', 'room', { room: 'dave-shut' })).toMatchObject({ role: 'owner' })
    expect(await house.call('carol', 'room', { room: 'dave-open' })).not.toHaveProperty('role')
    expect(await codeOf(house.call('carol', 'room', { room: 'dave-shut' }))).toBe('not_member')
  })
})
