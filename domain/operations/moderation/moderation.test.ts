import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChatEvent, Role } from '../../../protocol/events.ts'
import type { Ban } from '../../../protocol/http/moderation.ts'
import type { Member, RoomInfo, Sync } from '../../../protocol/http.ts'
import type { DeviceId } from '../../../protocol/ids.ts'
import { codeOf, type House, openHouse, room, user } from '../../test/open-house.ts'

let house: House
let rooms = 0
beforeAll(async () => {
  house = await openHouse()
  await house.addUsers('olga', 'adam', 'mia', 'rex', 'sam')
})
afterAll(() => house.close())
beforeEach(() => house.hush())

/** A new room of olga with an admin, a member and a reader. */
async function makeRoom(kind: 'public' | 'private' = 'public'): Promise<string> {
  const id = `room-${++rooms}`
  await house.call('olga', 'create-room', { room: id, kind })
  const roles: Record<string, Role> = { adam: 'admin', mia: 'member', rex: 'reader' }
  for (const [name, role] of Object.entries(roles)) {
    await house.call('olga', 'put-member', { room: id, user: name, role })
  }
  house.hush()
  return id
}

const lastOf = async (id: string, count = 1): Promise<ChatEvent[]> =>
  (await house.store.archive.page({ room: room(id), limit: count })).messages
const acts = async (about: string) =>
  (await house.store.audit.list({ limit: 50, about: user(about) })).map(({ action }) => action)
const say = (name: string, id: string, text: string) => house.call(name, 'send', { room: id, text })

describe('[MOD1] banning', () => {
  it('[MOD1] [P6] ends the membership, its cursors, and every way back in', async () => {
    const id = await makeRoom()
    const cursor = { user: user('mia'), device: 'phone' as DeviceId, room: room(id), seq: 1 }
    await house.store.cursors.save([cursor], 1)
    await house.domain.access.roomsOf(user('mia'))
    const until = house.clock.now() + 60_000
    const ban = await house.call<Ban>('adam', 'ban', { room: id, user: 'mia', until, reason: ' spam ' })
    expect(ban).toEqual({
      user: 'mia',
      displayName: 'Mia',
      until,
      reason: 'spam',
      by: 'adam',
      at: house.clock.now(),
    })
    expect(await lastOf(id, 2)).toMatchObject([
      { type: 'removed', from: 'adam', user: 'mia', reason: 'spam' },
      { type: 'banned', from: 'adam', user: 'mia', until, reason: 'spam' },
    ])
    expect(house.told()).toEqual([
      ['membership', { room: id, user: 'mia', role: null }],
      ['standing', { room: id, user: 'mia' }],
      ['room', { room: id }],
      ['inbox', { user: 'mia', notice: { type: 'removed', room: id, by: 'adam', reason: 'spam', banned: { until } } }],
    ])
    expect((await house.store.cursors.load(user('mia'), cursor.device)).size).toBe(0)
    expect(await acts('mia')).toContain('member-banned')
    const codes = [
      codeOf(house.call('mia', 'join', { room: id })),
      codeOf(house.call('mia', 'room', { room: id })),
      codeOf(house.call('mia', 'history', { room: id })),
      codeOf(house.call('mia', 'members', { room: id })),
      codeOf(house.call('olga', 'put-member', { room: id, user: 'mia' })),
    ]
    expect(await Promise.all(codes)).toEqual(Array(5).fill('banned'))
    expect(await codeOf(say('mia', id, 'hello?'))).toBe('not_member')

    house.advance(60_000)
    expect(await house.call('mia', 'join', { room: id })).toMatchObject({ role: 'member' })
    house.domain.access.release(user('mia'))
  })

  it('[MOD1] a stranger can be banned; saying it again changes nothing', async () => {
    const id = await makeRoom()
    expect(await house.call('olga', 'ban', { room: id, user: 'sam' })).not.toHaveProperty('until')
    expect(house.told()).toEqual([
      ['membership', { room: id, user: 'sam', role: null }],
      ['standing', { room: id, user: 'sam' }],
    ])
    house.hush()
    await house.call('adam', 'ban', { room: id, user: 'sam' })
    expect(house.notes).toEqual([])
    expect(await codeOf(house.call('sam', 'history', { room: id }))).toBe('banned')
    expect(await codeOf(house.call('olga', 'ban', { room: id, user: 'ghost' }))).toBe('user_not_found')
  })

  it('[MOD1] one who joins and is banned at the same time is out in the end, or was never in', async () => {
    for (let i = 0; i < 10; i++) {
      const id = await makeRoom()
      await Promise.allSettled([
        house.call('sam', 'join', { room: id }),
        house.call('olga', 'ban', { room: id, user: 'sam' }),
      ])
      expect(await house.store.members.get(room(id), user('sam'))).toBeUndefined()
    }
  })

  it.each([
    ['oneself', 'olga', 'olga', 'conflict'],
    ['an equal', 'adam', 'adam', 'conflict'],
    ['an owner', 'adam', 'olga', 'forbidden'],
    ['as a member', 'mia', 'rex', 'forbidden'],
    ['as a stranger', 'sam', 'mia', 'not_member'],
  ])('[MOD1] %s is refused', async (_, by, whom, code) => {
    const id = await makeRoom()
    expect(await codeOf(house.call(by, 'ban', { room: id, user: whom }))).toBe(code)
  })

  it('[MOD1] a time that has passed, and a room deleted', async () => {
    const id = await makeRoom()
    const past = { room: id, user: 'mia', until: house.clock.now() }
    expect(await codeOf(house.call('olga', 'ban', past))).toBe('invalid_request')
    expect(await codeOf(house.call('olga', 'mute', past))).toBe('invalid_request')
    await house.call('olga', 'delete-room', { room: id })
    expect(await codeOf(house.call('olga', 'ban', { room: id, user: 'mia' }))).toBe('not_member')
    expect(await acts('olga')).toContain('room-deleted')
  })
})

describe('[MOD2] bans are listed and lifted', () => {
  it('[MOD2] by those who may ban; who was banned may come back', async () => {
    const id = await makeRoom()
    await house.call('olga', 'ban', { room: id, user: 'sam' })
    await house.call('olga', 'ban', { room: id, user: 'mia', until: house.clock.now() + 1000 })
    const banned = async () =>
      (await house.call<{ bans: Ban[] }>('adam', 'bans', { room: id })).bans.map(({ user: who }) => who)
    expect(await banned()).toEqual(['mia', 'sam'])
    house.advance(1000)
    expect(await banned()).toEqual(['sam'])
    expect(await codeOf(house.call('rex', 'bans', { room: id }))).toBe('forbidden')
    expect(await codeOf(house.call('rex', 'unban', { room: id, user: 'sam' }))).toBe('forbidden')
    house.hush()
    await house.call('adam', 'unban', { room: id, user: 'sam' })
    expect(house.told()).toEqual([['standing', { room: id, user: 'sam' }]])
    expect(await lastOf(id)).toMatchObject([{ type: 'unbanned', from: 'adam', user: 'sam' }])
    expect(await acts('sam')).toContain('member-unbanned')
    house.hush()
    await house.call('adam', 'unban', { room: id, user: 'sam' })
    await house.call('adam', 'unban', { room: id, user: 'mia' })
    expect(house.notes).toEqual([])
    expect(await house.call('sam', 'join', { room: id })).toMatchObject({ role: 'member' })
  })
})

describe('[MOD3] muting', () => {
  it('[MOD3] a muted member reads and does not write, until the time is over', async () => {
    const id = await makeRoom()
    const { seq } = (await say('mia', id, 'before')) as { seq: number }
    await house.domain.access.roomsOf(user('mia'))
    const until = house.clock.now() + 1000
    const member = await house.call<Member>('adam', 'mute', { room: id, user: 'mia', until, reason: 'calm down' })
    expect(member.mute).toEqual({ until })
    expect(house.told()).toContainEqual(['standing', { room: id, user: 'mia' }])
    expect(await lastOf(id)).toMatchObject([{ type: 'muted', user: 'mia', until, reason: 'calm down' }])
    expect(await codeOf(say('mia', id, 'no'))).toBe('muted')
    expect(await codeOf(house.call('mia', 'send', { room: id, type: 'react', seq, emoji: '+' }))).toBe('muted')
    expect(await house.call('mia', 'history', { room: id })).toMatchObject({ more: false })
    expect(await house.call<RoomInfo>('mia', 'room', { room: id })).toMatchObject({ mute: { until } })
    const { rooms: mine } = await house.call<Sync>('mia', 'sync')
    expect(mine.find((one) => one.id === id)?.mute).toEqual({ until })
    house.advance(1000)
    await say('mia', id, 'again')
    house.domain.access.release(user('mia'))
  })

  it('[MOD4] without end until it is lifted; leaving ends it too', async () => {
    const id = await makeRoom()
    expect((await house.call<Member>('olga', 'mute', { room: id, user: 'mia' })).mute).toEqual({})
    house.advance(100 * 365 * 86_400_000)
    expect(await codeOf(say('mia', id, 'no'))).toBe('muted')
    await house.call('adam', 'unmute', { room: id, user: 'mia' })
    expect(await lastOf(id)).toMatchObject([{ type: 'unmuted', from: 'adam', user: 'mia' }])
    await say('mia', id, 'yes')
    house.hush()
    await house.call('adam', 'unmute', { room: id, user: 'mia' })
    expect(house.notes).toEqual([])
    expect(await codeOf(house.call('adam', 'mute', { room: id, user: 'olga' }))).toBe('forbidden')
    expect(await codeOf(house.call('adam', 'mute', { room: id, user: 'sam' }))).toBe('not_found')
    expect(await codeOf(house.call('olga', 'unmute', { room: id, user: 'sam' }))).toBe('not_found')
  })
})

describe('[MOD5] giving a room away', () => {
  it('[MOD5] in one transaction: two roles, two events', async () => {
    const id = await makeRoom()
    await house.domain.access.roomsOf(user('olga'))
    expect(await house.call('olga', 'transfer-room', { room: id, user: 'mia' })).toMatchObject({ role: 'owner' })
    expect(await lastOf(id, 2)).toMatchObject([
      { type: 'role', from: 'olga', user: 'mia', role: 'owner' },
      { type: 'role', from: 'olga', user: 'olga', role: 'admin' },
    ])
    expect(await house.store.members.count(room(id), 'owner')).toBe(1)
    expect((await acts('olga')).filter((act) => act.startsWith('owner'))).toEqual(['owner-ended', 'owner-made'])
    expect(await codeOf(house.call('olga', 'delete-room', { room: id }))).toBe('forbidden')
    expect(await codeOf(house.call('olga', 'transfer-room', { room: id, user: 'adam' }))).toBe('forbidden')
    house.domain.access.release(user('olga'))
  })

  it('[MOD5] two at once: one of them, and one owner', async () => {
    const id = await makeRoom()
    const both = ['mia', 'adam'].map((name) => house.call('olga', 'transfer-room', { room: id, user: name }))
    expect((await Promise.allSettled(both)).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await house.store.members.count(room(id), 'owner')).toBe(1)
  })

  it('[MOD5] to a member, by an owner', async () => {
    const id = await makeRoom()
    const codes = [
      codeOf(house.call('olga', 'transfer-room', { room: id, user: 'sam' })),
      codeOf(house.call('olga', 'transfer-room', { room: id, user: 'olga' })),
      codeOf(house.call('adam', 'transfer-room', { room: id, user: 'mia' })),
    ]
    expect(await Promise.all(codes)).toEqual(['not_found', 'conflict', 'forbidden'])
  })
})

describe('[MOD6] the reason of a removal, and what it leaves', () => {
  it('[MOD6] stands in the event and in the notice', async () => {
    const id = await makeRoom()
    await house.call('adam', 'remove-member', { room: id, user: 'mia', reason: 'off topic' })
    expect(await lastOf(id)).toMatchObject([{ type: 'removed', user: 'mia', reason: 'off topic' }])
    expect(house.told()).toContainEqual([
      'inbox',
      { user: 'mia', notice: { type: 'removed', room: id, by: 'adam', reason: 'off topic' } },
    ])
    const long = { room: id, user: 'rex', reason: 'x'.repeat(201) }
    expect(await codeOf(house.call('adam', 'remove-member', long))).toBe('invalid_request')
  })
})

describe('[SET3] [SET4] what a room takes', () => {
  it('[SET3] [P6] an archived room takes nothing from the moment that is answered; brought back, it does', async () => {
    const id = await makeRoom()
    await house.domain.access.roomsOf(user('mia'))
    await house.call('olga', 'update-room', { room: id, archived: true })
    expect(house.domain.access.known(user('mia'), room(id))?.archived).toBe(true)
    expect(await codeOf(say('mia', id, 'no'))).toBe('room_archived')
    expect(await codeOf(house.call('olga', 'update-room', { room: id, name: 'No' }))).toBe('room_archived')
    await house.call('olga', 'update-room', { room: id, archived: false })
    await say('mia', id, 'yes')
    house.domain.access.release(user('mia'))
  })

  it('[SET4] of many at once one gets through; admins and owners do not wait', async () => {
    const id = await makeRoom()
    await house.call('olga', 'update-room', { room: id, settings: { slowMode: 30 } })
    const codes = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        say('mia', id, `${i}`).then(
          () => 'said',
          () => 'refused',
        ),
      ),
    )
    expect(codes.filter((code) => code === 'said')).toHaveLength(1)
    house.advance(29_999)
    await expect(say('mia', id, 'too soon')).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 1 })
    house.advance(1)
    await say('mia', id, 'in time')
    for (const name of ['adam', 'olga']) for (const text of ['one', 'two']) await say(name, id, text)
  })
})
