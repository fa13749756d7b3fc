import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeviceId, RoomId, UserId } from './ids.ts'
import {
  deviceInbox,
  deviceReplies,
  type Filter,
  memberPresence,
  memberReceipts,
  memberTyping,
  myRooms,
  ownReplies,
  type PublishTopic,
  parseFilter,
  parsePublishTopic,
  parseServerTopic,
  type RoomLeaf,
  roomMark,
  roomSend,
  roomState,
  roomTyping,
  roomView,
  type ServerTopic,
  userInbox,
  userRequests,
  userStatus,
  VIEWS,
} from './topics.ts'

const room = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,39}$/) as fc.Arbitrary<RoomId>
const user = fc.stringMatching(/^[a-z0-9][a-z0-9_.-]{1,31}$/) as fc.Arbitrary<UserId>
const device = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/) as fc.Arbitrary<DeviceId>
const view = fc.constantFrom(...VIEWS)

/** Near misses of topics: real levels, wildcards and rubbish in any order. */
const level = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('rooms', 'users', 'devices', '+', '#', '', '$SYS', '$share', '__proto__') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...['send', 'mark', 'typing', 'status', 'requests', 'messages', 'compact', 'text', 'state', 'presence'],
      ...['receipts', 'inbox', 'replies'],
    ),
  },
  { weight: 2, arbitrary: fc.oneof(room, user, device) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
)
const nearTopic = fc.oneof(
  fc.array(level, { maxLength: 7 }).map((levels) => levels.join('/')),
  fc.string({ unit: 'binary' }),
)

function rebuildServerTopic(topic: ServerTopic): string {
  switch (topic.kind) {
    case 'view':
      return roomView(topic.room, topic.view)
    case 'state':
      return roomState(topic.room)
    case 'presence':
      return memberPresence(topic.room, topic.user)
    case 'typing':
      return memberTyping(topic.room, topic.user)
    case 'receipts':
      return memberReceipts(topic.room, topic.user)
    case 'inbox':
      return userInbox(topic.user)
    case 'replies':
      return deviceReplies(topic.user, topic.device)
    case 'device-inbox':
      return deviceInbox(topic.user, topic.device)
  }
}

function rebuildPublishTopic(topic: Exclude<PublishTopic, { kind: 'server-written' }>): string {
  switch (topic.kind) {
    case 'send':
      return roomSend(topic.room)
    case 'mark':
      return roomMark(topic.room)
    case 'typing':
      return roomTyping(topic.room)
    case 'status':
      return userStatus(topic.user)
    case 'requests':
      return userRequests(topic.user)
  }
}

function rebuildFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'room':
      return `rooms/${filter.room}/${filter.leaf}${filter.user === undefined ? '' : `/${filter.user}`}`
    case 'room-all':
      return `rooms/${filter.room}/#`
    case 'inbox':
      return `users/${filter.user}/inbox`
    case 'user-all':
      return `users/${filter.user}/#`
    case 'replies':
      return `users/${filter.user}/devices/${filter.device}/replies`
    case 'device-inbox':
      return `users/${filter.user}/devices/${filter.device}/inbox`
  }
}

describe('topics that are built', () => {
  test('[TOP1] what clients write is read back as what it was', () => {
    fc.assert(
      fc.property(room, user, (r, u) => {
        expect(parsePublishTopic(roomSend(r))).toEqual({ kind: 'send', room: r })
        expect(parsePublishTopic(roomMark(r))).toEqual({ kind: 'mark', room: r })
        expect(parsePublishTopic(roomTyping(r))).toEqual({ kind: 'typing', room: r })
        expect(parsePublishTopic(userStatus(u))).toEqual({ kind: 'status', user: u })
        expect(parsePublishTopic(userRequests(u))).toEqual({ kind: 'requests', user: u })
      }),
    )
  })

  test('[TOP2] what the server writes is read back as what it was, is a filter, and is not writable', () => {
    fc.assert(
      fc.property(room, user, device, view, (r, u, d, v) => {
        const topics: [string, ServerTopic][] = [
          [roomView(r, v), { kind: 'view', room: r, view: v }],
          [roomState(r), { kind: 'state', room: r }],
          [memberPresence(r, u), { kind: 'presence', room: r, user: u }],
          [memberTyping(r, u), { kind: 'typing', room: r, user: u }],
          [memberReceipts(r, u), { kind: 'receipts', room: r, user: u }],
          [userInbox(u), { kind: 'inbox', user: u }],
          [deviceReplies(u, d), { kind: 'replies', user: u, device: d }],
          [deviceInbox(u, d), { kind: 'device-inbox', user: u, device: d }],
        ]
        for (const [topic, meaning] of topics) {
          expect(parseServerTopic(topic)).toEqual(meaning)
          expect(parsePublishTopic(topic)).toEqual({ kind: 'server-written' })
          expect(parseFilter(topic)).toBeDefined()
        }
      }),
    )
  })

  test('[TOP4] [TOP5] filters over my rooms and this device are read', () => {
    const leaves: RoomLeaf[] = [...VIEWS, 'state', 'presence', 'typing', 'receipts']
    for (const leaf of leaves) expect(parseFilter(myRooms(leaf))).toMatchObject({ kind: 'room', room: '+', leaf })
    expect(parseFilter('rooms/+/#')).toEqual({ kind: 'room-all', room: '+' })
    expect(parseFilter('rooms/ops/#')).toEqual({ kind: 'room-all', room: 'ops' })
    expect(parseFilter('users/alice/#')).toEqual({ kind: 'user-all', user: 'alice' })
    expect(parseFilter(ownReplies('alice' as UserId))).toEqual({ kind: 'replies', user: 'alice', device: '+' })
  })
})

describe('any string', () => {
  test('[TOP3] a topic name is read as what it spells, or as none of ours', () => {
    fc.assert(
      fc.property(nearTopic, (topic) => {
        const server = parseServerTopic(topic)
        if (server !== undefined) expect(rebuildServerTopic(server)).toBe(topic)
        const published = parsePublishTopic(topic)
        if (published === undefined) expect(server).toBeUndefined()
        else if (published.kind === 'server-written') expect(server).toBeDefined()
        else expect(rebuildPublishTopic(published)).toBe(topic)
      }),
      { numRuns: 5_000 },
    )
  })

  test('[TOP5] a filter is read as what it spells, or as one that nobody may have', () => {
    fc.assert(
      fc.property(nearTopic, (topic) => {
        const filter = parseFilter(topic)
        if (filter !== undefined) expect(rebuildFilter(filter)).toBe(topic)
      }),
      { numRuns: 5_000 },
    )
  })

  test.each([
    ...['#', '+', '+/#', '/#', '$SYS/#', '$SYS/broker/clients', '$share/g/rooms/ops/messages', '$share/g/#'],
    ...['rooms/#', 'rooms/+', 'rooms', '+/ops/messages', '+/+/messages', 'rooms/ops/+', 'rooms/+/+', 'rooms/+/+/+'],
    ...[
      'rooms/ops/send',
      'rooms/+/send',
      'rooms/ops/mark',
      'rooms/ops/typing',
      'rooms/ops/presence',
      'rooms/+/presence',
    ],
    ...[
      'rooms/ops/presence/#',
      'rooms/ops/messages/#',
      'rooms/ops/messages/',
      '/rooms/ops/messages',
      'rooms//messages',
    ],
    ...['rooms/Ops/messages', 'rooms/ops/messages/alice', 'users/+/inbox', 'users/#', 'users/alice/+', 'users/alice'],
    ...['users/alice/status', 'users/alice/requests', 'users/alice/devices/#', 'users/alice/devices/+/+'],
    ...['users/alice/devices/+', 'users/+/devices/+/replies', 'users/alice/devices/a/replies/b', ''],
  ])('[TOP5] nobody may have %j', (filter) => {
    expect(parseFilter(filter)).toBeUndefined()
  })
})
