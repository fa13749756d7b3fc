import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Standing } from '../../auth-plugin/index.ts'
import type { RoomId } from '../../protocol/ids.ts'
import { defaultSettings } from '../../protocol/room-settings.ts'
import { createLocalBus } from '../bus/local-bus.ts'
import { type House, openHouse, room, user } from '../test/open-house.ts'
import { createAccess } from './access.ts'

const alice = user('alice')
const ops = room('ops')
const stranger: Standing = { kind: 'private', settings: defaultSettings('private') }
const member: Standing = { ...stranger, role: 'member', joinedSeq: 1 }

/** A database whose answers come when the test says so. */
function openSlowAccess() {
  const asked: { answer(value: unknown): void; fail(): void }[] = []
  const ask = <Value>() =>
    new Promise<Value>((resolve, reject) => {
      asked.push({ answer: (value) => resolve(value as Value), fail: () => reject(new Error('lost')) })
    })
  const bus = createLocalBus()
  const access = createAccess({
    store: {
      members: { roomsOf: () => ask<Map<RoomId, Standing>>(), standing: () => ask<Standing | undefined>() },
      rooms: { get: () => ask<undefined>() },
    },
    bus,
  })
  return { access, bus, asked }
}

describe('[P6] memory against notes that arrive while the database is read', () => {
  it('[P6] a removal during the load is not forgotten', async () => {
    const { access, bus, asked } = openSlowAccess()
    const loading = access.roomsOf(alice)
    bus.emit('membership', { room: ops, user: alice, role: null })
    asked[0]?.answer(new Map([[ops, member]])) // read before the removal
    await expect.poll(() => asked.length).toBe(2)
    asked[1]?.answer(new Map())
    expect(await loading).toEqual(new Map())
    expect(access.known(alice, ops)).toBeUndefined()
  })

  it('[P6] a removal that overtakes the reading of a joining stands', async () => {
    const { access, bus, asked } = openSlowAccess()
    const loading = access.roomsOf(alice)
    asked[0]?.answer(new Map())
    await loading
    bus.emit('membership', { room: ops, user: alice, role: 'member' })
    bus.emit('membership', { room: ops, user: alice, role: null })
    asked[1]?.answer(member)
    const standing = access.standing(alice, ops)
    await expect.poll(() => asked.length).toBe(3)
    expect(access.known(alice, ops)).toBeUndefined()
    asked[2]?.answer(stranger)
    expect(await standing).toEqual(stranger)
  })

  it('[ACL1] who joined is not taken for a stranger while it is read, nor when reading failed', async () => {
    const { access, bus, asked } = openSlowAccess()
    const loading = access.roomsOf(alice)
    asked[0]?.answer(new Map())
    await loading
    const before = access.standing(alice, ops)
    await expect.poll(() => asked.length).toBe(2)
    asked[1]?.answer({ kind: 'public', settings: defaultSettings('public') })
    expect(await before).toEqual({ kind: 'public', settings: defaultSettings('public') })
    expect(access.known(alice, ops)).toEqual({ kind: 'public', settings: defaultSettings('public') })

    bus.emit('membership', { room: ops, user: alice, role: 'member' })
    expect(access.known(alice, ops)).toBeUndefined()
    asked[2]?.fail()
    const again = access.standing(alice, ops)
    await expect.poll(() => asked.length).toBe(4)
    asked[3]?.answer(member)
    expect(await again).toEqual(member)
    expect(access.known(alice, ops)).toEqual(member)
  })

  it('[ACL1] loads at once are one query, a failed one is tried again, a released one is forgotten', async () => {
    const { access, asked } = openSlowAccess()
    const both = [access.roomsOf(alice), access.roomsOf(alice)]
    expect(asked).toHaveLength(1)
    asked[0]?.fail()
    await Promise.all(both.map((load) => expect(load).rejects.toThrow('lost')))
    const load = access.roomsOf(alice)
    asked[1]?.answer(new Map([[ops, member]]))
    await load
    expect(access.known(alice, ops)).toEqual(member)
    access.release(alice)
    expect(access.known(alice, ops)).toBeUndefined()
  })

  it('[P6] what was read before a room was deleted is not remembered after', async () => {
    const { access, bus, asked } = openSlowAccess()
    const loading = access.roomsOf(alice)
    asked[0]?.answer(new Map())
    await loading
    const reading = access.standing(alice, ops)
    await expect.poll(() => asked.length).toBe(2)
    bus.emit('room', { room: ops, deleted: true })
    asked[1]?.answer({ kind: 'public', settings: defaultSettings('public') })
    await reading
    expect(access.known(alice, ops)).toBeUndefined()
  })
})

describe('memory beside a real database', () => {
  let house: House
  beforeAll(async () => {
    house = await openHouse()
    await house.addUsers('alice', 'bob')
    await house.call('bob', 'create-room', { room: 'ops', kind: 'public' })
  })
  afterAll(() => house.close())

  it('[P6] follows joining, roles, rules and removal', async () => {
    const { access } = house.domain
    await access.roomsOf(alice)
    expect(await access.standing(alice, ops)).toEqual({ kind: 'public', settings: defaultSettings('public') })
    await house.call('alice', 'join', { room: 'ops' })
    expect(await access.standing(alice, ops)).toMatchObject({ role: 'member', joinedSeq: 3 })
    expect(access.known(alice, ops)).toMatchObject({ role: 'member' })
    await house.call('bob', 'put-member', { room: 'ops', user: 'alice', role: 'reader' })
    expect(access.known(alice, ops)).toMatchObject({ role: 'reader' })
    await house.call('bob', 'update-room', { room: 'ops', settings: { history: 'since_joining' } })
    await expect.poll(() => access.known(alice, ops)?.settings.history).toBe('since_joining')
    await house.call('bob', 'remove-member', { room: 'ops', user: 'alice' })
    expect(access.known(alice, ops)?.role).toBeUndefined()
  })
})
