import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DeviceId, UserId } from '../../protocol/ids.ts'
import type { Presence, Status } from '../../protocol/presence.ts'
import { createLocalBus } from '../bus/local-bus.ts'
import { createFakeTime } from '../test/fake-time.ts'
import { type House, openHouse, user } from '../test/open-house.ts'
import { createPresenceBoard, type PresenceBoard } from './presence-board.ts'
import type { PresenceRecord } from './presence-records.ts'

const [alice, bob] = [user('alice'), user('bob')]
const [phone, laptop] = ['phone', 'laptop'] as DeviceId[] as [DeviceId, DeviceId]

describe('presence', () => {
  let time: ReturnType<typeof createFakeTime>
  let board: PresenceBoard
  let told: [UserId, Presence['state']][]
  let stored: Map<UserId, PresenceRecord>
  let broken = false

  beforeEach(() => {
    time = createFakeTime()
    told = []
    stored = new Map()
    broken = false
    const bus = createLocalBus()
    bus.on('presence', (note) => void told.push([note.user, note.presence.state]))
    const pick = <Value>(users: readonly UserId[], of: (record: PresenceRecord) => Value | undefined) =>
      new Map(users.flatMap((one): [UserId, Value][] => {
        const value = of(stored.get(one) ?? {})
        return value === undefined ? [] : [[one, value]]
      })) // biome-ignore format: one expression
    board = createPresenceBoard({
      bus,
      clock: time.clock,
      timers: time.timers,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      store: {
        lastSeen: async (users) => pick(users, (record) => record.lastSeen),
        statuses: async (users) => pick(users, (record) => record.status),
        savePresence: async (records) => {
          if (broken) throw new Error('no database')
          for (const [one, record] of records) stored.set(one, { ...stored.get(one), ...record })
        },
      },
    })
  })

  const online = async (who: UserId) => {
    board.connected(who, phone)
    await expect.poll(() => told.length).toBeGreaterThan(0)
  }
  const stateOf = async (who: UserId) => (await board.of([who])).get(who)

  it('[PRE1] online with the first device, offline with the last, with the time when it left', async () => {
    const since = time.clock.now()
    await online(alice)
    board.connected(alice, laptop)
    time.advance(5_000)
    board.disconnected(alice, phone)
    time.advance(5_000)
    expect(told).toEqual([[alice, 'online']])
    expect(await stateOf(alice)).toEqual({ state: 'online', since })
    board.disconnected(alice, laptop)
    expect(told).toHaveLength(1)
    time.advance(1_000)
    expect(told).toEqual([[alice, 'online'], [alice, 'offline']]) // biome-ignore format: one line
    expect(await stateOf(alice)).toEqual({ state: 'offline', lastSeen: since + 10_000 })
    expect(await stateOf(bob)).toEqual({ state: 'offline' })
  })

  it('[PRE1] a reconnect within the second is not seen', async () => {
    const since = time.clock.now()
    await online(alice)
    time.advance(10_000)
    board.disconnected(alice, phone)
    time.advance(900)
    expect(await stateOf(alice)).toMatchObject({ state: 'online' })
    board.connected(alice, phone)
    time.advance(5_000)
    expect(told).toEqual([[alice, 'online']])
    expect(await stateOf(alice)).toEqual({ state: 'online', since })
  })

  it('[PRE1] a takeover counts both connections until the older one is gone', async () => {
    await online(alice)
    board.connected(alice, phone)
    board.disconnected(alice, phone)
    time.advance(5_000)
    expect(told).toEqual([[alice, 'online']])
    board.disconnected(alice, phone)
    board.disconnected(alice, phone)
    time.advance(5_000)
    expect(told).toHaveLength(2)
  })

  it('[PRE1] changes are told once a second, the last one stands', async () => {
    await online(alice)
    for (let i = 0; i < 50; i++) {
      board.setStatus(alice, { state: i % 2 === 0 ? 'away' : 'busy', text: `${i}` })
      time.advance(100)
    }
    expect(told.length).toBeLessThanOrEqual(6)
    time.advance(1_000)
    expect(await stateOf(alice)).toMatchObject({ state: 'busy', text: '49' })
    expect(told.at(-1)).toEqual([alice, 'busy'])
  })

  it('[PRE2] a status is kept from one connection to the next', async () => {
    await online(alice)
    board.setStatus(alice, { state: 'busy', text: 'writing' } satisfies Status)
    board.disconnected(alice, phone)
    time.advance(6_000)
    await expect.poll(() => stored.get(alice)?.status).toEqual({ state: 'busy', text: 'writing' })
    told.length = 0
    await online(alice)
    expect(told).toEqual([[alice, 'busy']])
  })

  it('[PRE1] a database that fails for a while changes nothing, and loses nothing', async () => {
    broken = true
    await online(alice)
    time.advance(5_000)
    broken = false
    await expect
      .poll(() => {
        time.advance(1_000)
        return stored.get(alice)?.lastSeen
      })
      .toBeDefined()
  })
})

describe('presence in the database', () => {
  let house: House
  beforeAll(async () => {
    house = await openHouse()
    await house.addUsers('alice')
  })
  afterAll(() => house.close())

  it('[PRE1] who was last seen when survives the process', async () => {
    const { presence } = house.domain
    presence.connected(alice, phone)
    await house.heard('presence', () => true)
    presence.setStatus(alice, { state: 'away' })
    house.advance(60_000)
    await presence.close()
    const { users } = house.store.accounts
    expect(await users.lastSeen([alice])).toEqual(new Map([[alice, house.clock.now()]]))
    expect(await users.statuses([alice])).toEqual(new Map([[alice, { state: 'away' }]]))
  })
})
