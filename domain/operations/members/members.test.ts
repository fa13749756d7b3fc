import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Role } from '../../../protocol/events.ts'
import type { Member } from '../../../protocol/http.ts'
import type { DeviceId } from '../../../protocol/ids.ts'
import { codeOf, type House, openHouse, room, sessionOf, user } from '../../test/open-house.ts'

let house: House
let rooms = 0
beforeAll(async () => {
  house = await openHouse()
  await house.addUsers('olga', 'adam', 'mia', 'rex', 'sam')
})
afterAll(() => house.close())
beforeEach(() => house.hush())

/** A new room of olga with these members beside her. */
async function makeRoom(kind: 'public' | 'private', roles: Record<string, Role> = {}): Promise<string> {
  const id = `room-${++rooms}`
  await house.call('olga', 'create-room', { room: id, kind })
  for (const [name, role] of Object.entries(roles)) {
    await house.call('olga', 'put-member', { room: id, user: name, role })
  }
  house.hush()
  return id
}

const roleOf = async (id: string, name: string): Promise<Role | undefined> =>
  (await house.store.members.get(room(id), user(name)))?.role
const last = async (id: string) => (await house.store.archive.page({ room: room(id), limit: 1 })).messages[0]

describe('[ROOM3] joining', () => {
  it('[ROOM3] a public room is open to anyone; the log and the bus say so once', async () => {
    const id = await makeRoom('public')
    expect(await house.call('sam', 'join', { room: id })).toMatchObject({ id, role: 'member', members: 2 })
    expect(await last(id)).toMatchObject({ type: 'joined', from: 'sam', user: 'sam', role: 'member' })
    expect(house.told()).toEqual([
      ['membership', { room: id, user: 'sam', role: 'member' }],
      ['room', { room: id }],
    ])
    house.hush()
    expect(await house.call('sam', 'join', { room: id })).toMatchObject({ role: 'member' })
    expect(house.notes).toEqual([])
  })

  it('[ROOM3] many at once are all in, each with an event of his own', async () => {
    const id = await makeRoom('public')
    await Promise.all(['sam', 'sam', 'mia', 'rex', 'adam'].map((name) => house.call(name, 'join', { room: id })))
    expect(await house.store.rooms.get(room(id))).toMatchObject({ members: 5, head: 6 })
  })

  it('[ROOM3] an owner who joins again stays owner', async () => {
    const id = await makeRoom('public')
    expect(await house.call('olga', 'join', { room: id })).toMatchObject({ role: 'owner' })
  })

  it('[ROOM3] a private room and one that does not exist look the same', async () => {
    const id = await makeRoom('private')
    expect(await codeOf(house.call('sam', 'join', { room: id }))).toBe('not_member')
    expect(await codeOf(house.call('sam', 'join', { room: 'no-such-room' }))).toBe('not_member')
  })
})

describe('[ROOM4] leaving', () => {
  it('[ROOM4] [P6] ends membership, marks and cursors', async () => {
    const id = await makeRoom('public', { sam: 'member' })
    const cursor = { user: user('sam'), device: 'phone' as DeviceId, room: room(id), seq: 1 }
    await house.store.cursors.save([cursor], 1)
    await house.call('sam', 'leave', { room: id })
    expect(await last(id)).toMatchObject({ type: 'left', from: 'sam', user: 'sam' })
    expect(house.told()).toEqual([
      ['membership', { room: id, user: 'sam', role: null }],
      ['room', { room: id }],
    ])
    expect((await house.store.cursors.load(user('sam'), cursor.device)).size).toBe(0)
    expect(await codeOf(house.call('sam', 'leave', { room: id }))).toBe('not_member')
  })

  it('[ROOM4] the last owner stays while others do, also when two go at once', async () => {
    const id = await makeRoom('public', { sam: 'member', adam: 'owner' })
    const codes = await Promise.all(
      ['olga', 'adam'].map((name) => house.call(name, 'leave', { room: id }).then(() => 'left', codeOfError)),
    )
    expect(codes.toSorted()).toEqual(['conflict', 'left'])
  })

  it('[ROOM4] the last member leaves an empty room', async () => {
    const id = await makeRoom('public')
    await house.call('olga', 'leave', { room: id })
    expect(await house.store.rooms.get(room(id))).toMatchObject({ members: 0 })
    expect(await house.call('sam', 'join', { room: id })).toMatchObject({ role: 'member' })
  })
})

describe('[ROOM7] adding members and changing roles', () => {
  it('[ROOM7] who is added is told, may read, and the log says by whom', async () => {
    const id = await makeRoom('private', { adam: 'admin' })
    const added = await house.call<Member>('adam', 'put-member', { room: id, user: 'sam' })
    expect(added).toMatchObject({ user: 'sam', displayName: 'Sam', role: 'member', presence: { state: 'offline' } })
    expect(await last(id)).toMatchObject({ type: 'joined', from: 'adam', user: 'sam', role: 'member' })
    expect(house.told()).toEqual([
      ['membership', { room: id, user: 'sam', role: 'member' }],
      ['room', { room: id }],
      ['inbox', { user: 'sam', notice: { type: 'added', room: id, role: 'member', by: 'adam' } }],
    ])
    house.hush()
    await house.call('adam', 'put-member', { room: id, user: 'sam' })
    expect(house.notes).toEqual([])
  })

  it('[ROOM7] another role is an event and a notice', async () => {
    const id = await makeRoom('private', { sam: 'member' })
    await house.call('olga', 'put-member', { room: id, user: 'sam', role: 'reader' })
    expect(await last(id)).toMatchObject({ type: 'role', from: 'olga', user: 'sam', role: 'reader' })
    expect(house.told()).toEqual([
      ['membership', { room: id, user: 'sam', role: 'reader' }],
      ['inbox', { user: 'sam', notice: { type: 'role', room: id, role: 'reader', by: 'olga' } }],
    ])
  })

  it.each<[string, 'public' | 'private', string, Role]>([
    ['adam', 'private', 'sam', 'owner'],
    ['adam', 'private', 'olga', 'member'],
    ['mia', 'private', 'sam', 'member'],
    ['mia', 'public', 'sam', 'admin'],
    ['mia', 'public', 'rex', 'member'],
    ['rex', 'public', 'sam', 'reader'],
    ['rex', 'public', 'rex', 'owner'],
  ])('[ROOM7] %s may not, in a %s room, make %s %s', async (me, kind, whom, role) => {
    const id = await makeRoom(kind, { adam: 'admin', mia: 'member', rex: 'reader' })
    const before = await roleOf(id, whom)
    expect(await codeOf(house.call(me, 'put-member', { room: id, user: whom, role }))).toBe('forbidden')
    expect(await roleOf(id, whom)).toBe(before)
  })

  it('[ROOM7] nobody lets himself in', async () => {
    const id = await makeRoom('public')
    expect(await codeOf(house.call('sam', 'put-member', { room: id, user: 'sam' }))).toBe('not_member')
  })

  it('[ROOM7] the last owner stays one; with a second he may step down', async () => {
    const id = await makeRoom('private', { adam: 'admin' })
    expect(await codeOf(house.call('olga', 'put-member', { room: id, user: 'olga', role: 'admin' }))).toBe('conflict')
    await house.call('olga', 'put-member', { room: id, user: 'adam', role: 'owner' })
    await house.call('olga', 'put-member', { room: id, user: 'olga', role: 'member' })
    expect(await roleOf(id, 'olga')).toBe('member')
  })

  it('[ROOM7] a user who does not exist is not added', async () => {
    const id = await makeRoom('private')
    expect(await codeOf(house.call('olga', 'put-member', { room: id, user: 'nobody' }))).toBe('user_not_found')
    expect((await house.store.rooms.get(room(id)))?.members).toBe(1)
  })
})

describe('[ROOM8] removing members', () => {
  it('[ROOM8] [P6] the removed one is out in memory before he is told', async () => {
    const id = await makeRoom('private', { sam: 'member' })
    await house.domain.access.roomsOf(user('sam'))
    const wasOut = house.heard('inbox', () => true).then(() => house.domain.access.known(user('sam'), room(id)))
    await house.call('olga', 'remove-member', { room: id, user: 'sam' })
    expect(await wasOut).toBeUndefined()
    expect(await last(id)).toMatchObject({ type: 'removed', from: 'olga', user: 'sam' })
    expect(house.told()).toEqual([
      ['membership', { room: id, user: 'sam', role: null }],
      ['room', { room: id }],
      ['inbox', { user: 'sam', notice: { type: 'removed', room: id, by: 'olga' } }],
    ])
    house.domain.access.release(user('sam'))
  })

  it('[ROOM8] an admin removes those below, not his like; a member nobody; strangers learn nothing', async () => {
    const id = await makeRoom('private', { adam: 'admin', mia: 'member', rex: 'admin' })
    const remove = (me: string, whom: string) => house.call(me, 'remove-member', { room: id, user: whom })
    expect(await codeOf(remove('adam', 'rex'))).toBe('forbidden')
    expect(await codeOf(remove('adam', 'olga'))).toBe('forbidden')
    expect(await codeOf(remove('mia', 'rex'))).toBe('forbidden')
    expect(await codeOf(remove('sam', 'mia'))).toBe('not_member')
    expect(await codeOf(remove('adam', 'sam'))).toBe('not_found')
    await remove('adam', 'mia')
    expect(await roleOf(id, 'mia')).toBeUndefined()
  })

  it('[ROOM8] oneself: leaves', async () => {
    const id = await makeRoom('private', { mia: 'member' })
    await house.call('mia', 'remove-member', { room: id, user: 'mia' })
    expect(await last(id)).toMatchObject({ type: 'left', user: 'mia' })
  })
})

describe('[ROOM10] who is in a room', () => {
  it('[ROOM10] in pages, with presence; a public room shows it to anyone', async () => {
    const id = await makeRoom('public', { mia: 'member', rex: 'reader' })
    house.domain.presence.connected(user('mia'), 'laptop' as DeviceId)
    await house.heard('presence', (note) => note.user === 'mia')
    const first = await house.call<{ members: Member[]; more: boolean }>('sam', 'members', { room: id, limit: 2 })
    expect(first.members.map((one) => [one.user, one.presence?.state])).toEqual([
      ['mia', 'online'],
      ['olga', 'offline'],
    ])
    expect(first.more).toBe(true)
    const rest = await house.call('sam', 'members', { room: id, limit: 2, after: 'olga' })
    expect(rest).toMatchObject({ members: [{ user: 'rex' }], more: false })
    expect(await house.call('sam', 'presence', { room: id })).toMatchObject({ mia: { state: 'online' } })
    expect(await house.call('sam', 'member', { room: id, user: 'rex' })).toMatchObject({ role: 'reader' })
    expect(await codeOf(house.call('sam', 'member', { room: id, user: 'sam' }))).toBe('not_found')
  })

  it('[ROOM10] a private room shows it to members alone, and a read-only token changes nothing', async () => {
    const id = await makeRoom('private', { mia: 'member' })
    for (const name of ['members', 'presence']) {
      expect(await codeOf(house.call('sam', name, { room: id }))).toBe('not_member')
    }
    const readOnly = sessionOf('olga', { rooms: null, access: 'read' })
    expect(await codeOf(house.call(readOnly, 'remove-member', { room: id, user: 'mia' }))).toBe('out_of_scope')
    const elsewhere = sessionOf('olga', { rooms: new Set([room('elsewhere')]), access: 'write' })
    expect(await codeOf(house.call(elsewhere, 'remove-member', { room: id, user: 'mia' }))).toBe('out_of_scope')
    expect(await codeOf(house.call(elsewhere, 'members', { room: id }))).toBe('out_of_scope')
  })
})

const codeOfError = (error: unknown): unknown => (error as { code: unknown }).code
