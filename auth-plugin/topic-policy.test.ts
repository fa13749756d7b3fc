import { describe, expect, test } from 'vitest'
import type { Role, RoomKind } from '../protocol/events.ts'
import type { DeviceId, RoomId, UserId } from '../protocol/ids.ts'
import { defaultSettings } from '../protocol/room-settings.ts'
import { type Filter, parseFilter, parsePublishTopic } from '../protocol/topics.ts'
import type { Scope, Session } from './claims.ts'
import type { Decision } from './decision.ts'
import { FOREVER, type Standing } from './membership.ts'
import {
  inScope,
  mayCall,
  mayDo,
  mayPublish,
  maySubscribe,
  type RoomAction,
  readableFrom,
  slowModeOf,
} from './topic-policy.ts'

const ops = 'ops' as RoomId
const NOW = 1_763_652_000_000
const phone = 'phone' as DeviceId
const scopes: Record<string, Scope> = {
  everything: { rooms: null, access: 'write' },
  'ops to write': { rooms: new Set([ops]), access: 'write' },
  'ops to read': { rooms: new Set([ops]), access: 'read' },
  'all to read': { rooms: null, access: 'read' },
  'another room': { rooms: new Set(['dev' as RoomId]), access: 'write' },
}
const session = (scope: Scope, kind: 'session' | 'app-token' = 'app-token'): Session => ({
  user: 'alice' as UserId,
  credential: { kind, id: 'c1' },
  expiresAt: null,
  scope,
})

type Place = Role | 'stranger' | 'no room'
const places: Place[] = ['owner', 'admin', 'member', 'reader', 'stranger', 'no room']
const kinds: RoomKind[] = ['public', 'private', 'direct']
const roles: Role[] = ['owner', 'admin', 'member', 'reader']
const standingOf = (kind: RoomKind, place: Place): Standing | undefined =>
  place === 'no room'
    ? undefined
    : { kind, settings: defaultSettings(kind), ...(place !== 'stranger' && { role: place, joinedSeq: 7 }) }

const said = (decision: Decision): string => (decision.ok ? 'yes' : decision.no.code)

/**
 * The expectation, written down by hand from the contract: who may, by kind of room, as letters (o owner, a admin,
 * m member, r reader, s stranger). Kept apart from the code under test.
 */
const WHO_MAY: Record<string, Record<RoomKind, string>> = {
  read: { public: 'oamrs', private: 'oamr', direct: 'oamr' },
  write: { public: 'oam', private: 'oam', direct: 'oam' },
  mark: { public: 'oamr', private: 'oamr', direct: 'oamr' },
  'take-part': { public: 'oam', private: 'oam', direct: 'oam' },
  rename: { public: 'oa', private: 'oa', direct: '' },
  'change-permissions': { public: 'o', private: 'o', direct: '' },
  archive: { public: 'o', private: 'o', direct: '' },
  pin: { public: 'oa', private: 'oa', direct: 'oam' },
  'delete-others': { public: 'oa', private: 'oa', direct: '' },
  'change-room': { public: 'oa', private: 'oa', direct: '' },
  transfer: { public: 'o', private: 'o', direct: '' },
  'delete-room': { public: 'o', private: 'o', direct: '' },
  join: { public: 'oamrs', private: 'oamr', direct: 'oamr' },
  'come-in': { public: 'oamrs', private: 'oamrs', direct: 'oamr' },
  leave: { public: 'oamr', private: 'oamr', direct: '' },
}
const LETTER: Record<Place, string> = {
  owner: 'o',
  admin: 'a',
  member: 'm',
  reader: 'r',
  stranger: 's',
  'no room': '-',
}

function expected(action: string, kind: RoomKind, place: Place, scope: string): string {
  if (scope === 'another room') return 'out_of_scope'
  if (scope.endsWith('to read') && action !== 'read') return 'out_of_scope'
  if (place === 'no room') return 'not_member'
  if (WHO_MAY[action]?.[kind].includes(LETTER[place])) return 'yes'
  return place === 'stranger' ? 'not_member' : 'forbidden'
}

const everyCase = Object.keys(scopes).flatMap((scope) =>
  kinds.flatMap((kind) => places.map((place) => ({ scope, kind, place }))),
)
const scopeOf = (name: string): Scope => scopes[name] as Scope

describe.each(everyCase)('[ACL1] $scope, $kind room, $place', ({ scope, kind, place }) => {
  const me = session(scopeOf(scope))
  const standing = standingOf(kind, place)

  test.each(Object.keys(WHO_MAY))('may do: %s', (action) => {
    expect(said(mayDo(me, ops, action as RoomAction, standing, NOW))).toBe(expected(action, kind, place, scope))
  })

  test.each([
    ['send', 'write'],
    ['typing', 'write'],
    ['mark', 'mark'],
  ])('[ACL2] may publish to: %s', (leaf, action) => {
    const topic = parsePublishTopic(`rooms/ops/${leaf}`)
    if (topic === undefined) throw new Error('not a topic')
    expect(said(mayPublish(me, topic, standing, NOW))).toBe(expected(action, kind, place, scope))
  })

  const leaves = ['messages', 'compact', 'text', 'state', '#', 'presence/+', 'presence/bob', 'typing/+', 'receipts/bob']
  test.each(leaves)('[ACL3] may subscribe to: %s', (leaf) => {
    const exact = filterOf(`rooms/ops/${leaf}`)
    expect(said(maySubscribe(me, phone, exact, standing, NOW))).toBe(expected('read', kind, place, scope))
    expect(said(maySubscribe(me, phone, filterOf(`rooms/+/${leaf}`), undefined, NOW))).toBe('yes')
  })

  test('[ACL4] only the server writes what the server writes', () => {
    for (const name of ['rooms/ops/messages', 'rooms/ops/state', 'rooms/ops/typing/alice', 'users/alice/inbox']) {
      const topic = parsePublishTopic(name)
      if (topic === undefined) throw new Error('not a topic')
      expect(said(mayPublish(me, topic, standing, NOW))).toBe('not_writable')
    }
  })
})

function filterOf(text: string): Filter {
  const filter = parseFilter(text)
  if (filter === undefined) throw new Error(`not a filter: ${text}`)
  return filter
}

/** Who may give which roles, and rule over whom, in rooms that are not direct. */
const MAY_INVITE_TO: Record<'public' | 'private', Record<Role, string>> = {
  public: { owner: 'oamr', admin: 'amr', member: 'mr', reader: '' },
  private: { owner: 'oamr', admin: 'amr', member: '', reader: '' },
}
/** Remove, mute and ban go the same way. */
const MAY_REMOVE: Record<Role, string> = { owner: 'oamr', admin: 'mr', member: '', reader: '' }

describe('[ACL5] power over others', () => {
  const me = session(scopeOf('everything'))
  const pairs = roles.flatMap((mine) => roles.map((other) => [mine, other] as const))

  test.each(pairs)('%s invites as %s', (mine, role) => {
    for (const kind of ['public', 'private'] as const) {
      const yes = MAY_INVITE_TO[kind][mine].includes(LETTER[role])
      expect(said(mayDo(me, ops, 'invite', standingOf(kind, mine), NOW, { role }))).toBe(yes ? 'yes' : 'forbidden')
    }
    expect(said(mayDo(me, ops, 'invite', standingOf('direct', mine), NOW, { role }))).toBe('forbidden')
  })

  test.each(pairs)('%s removes %s, and changes his role', (mine, target) => {
    for (const kind of kinds) {
      const yes = kind !== 'direct' && MAY_REMOVE[mine].includes(LETTER[target])
      for (const action of ['remove-member', 'mute', 'ban'] as const) {
        const decision = mayDo(me, ops, action, standingOf(kind, mine), NOW, { target })
        expect(said(decision), action).toBe(yes ? 'yes' : 'forbidden')
      }
      for (const role of roles) {
        const may = yes && (mine === 'owner' || role !== 'owner')
        const decision = mayDo(me, ops, 'change-role', standingOf(kind, mine), NOW, { target, role })
        expect(said(decision), `to ${role}`).toBe(may ? 'yes' : 'forbidden')
      }
    }
  })

  test('who is not named could be an owner', () => {
    expect(said(mayDo(me, ops, 'remove-member', standingOf('private', 'admin'), NOW))).toBe('forbidden')
    expect(said(mayDo(me, ops, 'change-role', standingOf('private', 'admin'), NOW, { target: 'member' }))).toBe(
      'forbidden',
    )
  })

  test.each(['invite', 'remove-member', 'change-role'] as const)('strangers and narrow tokens do not %s', (action) => {
    const about = { target: 'reader', role: 'reader' } as const
    for (const kind of kinds) {
      expect(said(mayDo(me, ops, action, standingOf(kind, 'stranger'), NOW, about))).toBe('not_member')
      for (const scope of ['ops to read', 'all to read', 'another room']) {
        const narrow = session(scopeOf(scope))
        expect(said(mayDo(narrow, ops, action, standingOf(kind, 'owner'), NOW, about))).toBe('out_of_scope')
      }
    }
  })
})

describe('[ACL6] topics of users', () => {
  const filters: [string, string][] = [
    ['users/alice/inbox', 'yes'],
    ['users/alice/#', 'yes'],
    ['users/alice/devices/+/replies', 'yes'],
    ['users/alice/devices/+/inbox', 'yes'],
    ['users/alice/devices/phone/replies', 'yes'],
    ['users/alice/devices/phone/inbox', 'yes'],
    ['users/alice/devices/laptop/replies', 'forbidden'],
    ['users/alice/devices/laptop/inbox', 'forbidden'],
    ['users/bob/inbox', 'forbidden'],
    ['users/bob/#', 'forbidden'],
    ['users/bob/devices/+/replies', 'forbidden'],
    ['users/bob/devices/phone/inbox', 'forbidden'],
  ]
  test.each(filters)('subscribe to %s: %s', (filter, answer) => {
    for (const scope of Object.values(scopes)) {
      expect(said(maySubscribe(session(scope), phone, filterOf(filter), undefined, NOW))).toBe(answer)
    }
  })

  test.each([
    ['users/alice/requests', 'yes', 'yes'],
    ['users/alice/status', 'yes', 'out_of_scope'],
    ['users/bob/requests', 'forbidden', 'forbidden'],
    ['users/bob/status', 'forbidden', 'forbidden'],
  ])('publish to %s: %s, with a token to read: %s', (name, writing, reading) => {
    const topic = parsePublishTopic(name)
    if (topic === undefined) throw new Error('not a topic')
    expect(said(mayPublish(session(scopeOf('everything')), topic, undefined, NOW))).toBe(writing)
    expect(said(mayPublish(session(scopeOf('ops to write')), topic, undefined, NOW))).toBe(writing)
    expect(said(mayPublish(session(scopeOf('all to read')), topic, undefined, NOW))).toBe(reading)
  })
})

test('[ACL7] nobody can even ask for the rest', () => {
  const forbidden = [
    '#',
    '+/#',
    '+',
    '/',
    '',
    '$SYS/#',
    '$share/g/rooms/ops/messages',
    'rooms/#',
    'rooms/+',
    'rooms/ops',
  ]
  const written = ['rooms/ops/send', 'rooms/ops/mark', 'rooms/ops/typing', 'rooms/+/send', 'users/alice/requests']
  const broad = ['users/+/inbox', 'users/#', 'users/+/devices/+/replies', '+/ops/messages', 'rooms/+/+', 'rooms/ops/+']
  for (const filter of [...forbidden, ...written, ...broad]) expect(parseFilter(filter), filter).toBeUndefined()
})

test('[ACL8] a token takes part in its rooms only, and calls what its access covers', () => {
  const dev = 'dev' as RoomId
  const rooms = (scope: string) => [ops, dev].filter((room) => inScope(session(scopeOf(scope)), room))
  expect(rooms('everything')).toEqual([ops, dev])
  expect(rooms('ops to read')).toEqual([ops])
  expect(rooms('another room')).toEqual([dev])

  const calls = (of: Session) => (['session', 'write', 'read'] as const).filter((access) => mayCall(of, access).ok)
  expect(calls(session(scopeOf('everything'), 'session'))).toEqual(['session', 'write', 'read'])
  expect(calls(session(scopeOf('everything')))).toEqual(['write', 'read'])
  expect(calls(session(scopeOf('all to read')))).toEqual(['read'])
})

test('[ACL9] a room may hide what was before one joined', () => {
  const settings = { ...defaultSettings('private'), history: 'since_joining' } as const
  expect(readableFrom({ kind: 'private', role: 'member', joinedSeq: 7, settings: defaultSettings('private') })).toBe(1)
  expect(readableFrom({ kind: 'private', role: 'member', joinedSeq: 7, settings })).toBe(7)
  expect(readableFrom({ kind: 'public', settings })).toBe(Number.POSITIVE_INFINITY)
})

describe('[ACL10] what a room has decided', () => {
  const me = session(scopeOf('everything'))
  const settings = defaultSettings('private')
  const actionOf = {
    write: 'write',
    invite: 'invite',
    rename: 'rename',
    pin: 'pin',
    deleteOthers: 'delete-others',
  } as const
  const cases = Object.entries(actionOf).flatMap(([name, action]) => roles.map((least) => ({ name, action, least })))

  test.each(cases)('$name is for $least and above', ({ name, action, least }) => {
    const room = { ...settings, permissions: { ...settings.permissions, [name]: least } }
    for (const role of roles) {
      const yes = roles.indexOf(role) <= roles.indexOf(least)
      const said_ = said(mayDo(me, ops, action, { kind: 'private', settings: room, role }, NOW, { role: 'reader' }))
      expect(said_, role).toBe(yes ? 'yes' : 'forbidden')
    }
  })

  test('where only admins write, members still react; where readers write, they do', () => {
    const with_ = (write: Role) => ({ ...settings, permissions: { ...settings.permissions, write } })
    const may = (write: Role, role: Role, action: RoomAction) =>
      mayDo(me, ops, action, { kind: 'private', settings: with_(write), role }, NOW).ok
    expect([may('admin', 'member', 'write'), may('admin', 'member', 'take-part')]).toEqual([false, true])
    expect([may('reader', 'reader', 'write'), may('reader', 'reader', 'take-part')]).toEqual([true, true])
    expect(may('member', 'reader', 'take-part')).toBe(false)
  })

  test('[SET4] members and readers wait between two messages; admins, owners and direct rooms do not', () => {
    const slow = { ...settings, slowMode: 30 }
    const waits = (kind: RoomKind) => roles.map((role) => slowModeOf({ kind, settings: slow, role }))
    expect(waits('public')).toEqual([0, 0, 30_000, 30_000])
    expect(waits('direct')).toEqual([0, 0, 0, 0])
  })

  test('who is muted neither writes nor takes part, until the time is over', () => {
    for (const action of ['write', 'take-part'] as const) {
      const until = (mutedUntil: number) =>
        said(mayDo(me, ops, action, { kind: 'public', settings, role: 'member', mutedUntil }, NOW))
      expect([until(NOW + 1), until(FOREVER), until(NOW)]).toEqual(['muted', 'muted', 'yes'])
    }
    const muted: Standing = { kind: 'public', settings, role: 'member', mutedUntil: FOREVER }
    for (const action of ['read', 'mark', 'leave'] as const) expect(mayDo(me, ops, action, muted, NOW).ok).toBe(true)
  })

  test('who is banned neither reads nor comes back, until the time is over', () => {
    for (const action of ['read', 'join'] as const) {
      const until = (bannedUntil: number) =>
        said(mayDo(me, ops, action, { kind: 'public', settings, bannedUntil }, NOW))
      expect([until(NOW + 1), until(FOREVER), until(NOW)]).toEqual(['banned', 'banned', 'yes'])
      const hidden = mayDo(me, ops, action, { kind: 'private', settings, bannedUntil: FOREVER }, NOW)
      expect(said(hidden), 'a private room says nothing').toBe('not_member')
    }
  })

  test('[INV8] only a stranger asks, and only where a private room lets him', () => {
    const asks = (kind: RoomKind, more: Partial<Standing> = {}, joinRequests = true) =>
      said(mayDo(me, ops, 'ask-to-join', { kind, settings: { ...settings, joinRequests }, ...more }, NOW))
    expect(asks('private')).toBe('yes')
    expect([asks('private', {}, false), asks('private', { archived: true }), asks('direct')]).toEqual(
      Array(3).fill('not_member'),
    )
    expect(asks('private', { bannedUntil: FOREVER })).toBe('banned')
    expect(asks('private', { role: 'member' })).toBe('forbidden')
    expect(asks('public')).toBe('conflict')
  })

  test('[INV4] an invitation lets nobody in who is banned', () => {
    const comes = (kind: RoomKind) => said(mayDo(me, ops, 'come-in', { kind, settings, bannedUntil: NOW + 1 }, NOW))
    expect([comes('public'), comes('private')]).toEqual(['banned', 'banned'])
  })

  test('an archived room takes nothing more, and can be read, left and brought back', () => {
    const archived: Standing = { kind: 'public', settings, archived: true, role: 'owner' }
    const yes = ['read', 'mark', 'join', 'leave', 'remove-member', 'ban', 'archive', 'delete-room'] as const
    const no = [
      'write',
      'take-part',
      'pin',
      'rename',
      'change-room',
      'change-permissions',
      'invite',
      'mute',
      'transfer',
    ] as const
    for (const action of yes) expect(said(mayDo(me, ops, action, archived, NOW)), action).toBe('yes')
    for (const action of no) expect(said(mayDo(me, ops, action, archived, NOW)), action).toBe('room_archived')
    expect(said(mayDo(me, ops, 'write', { ...archived, role: 'reader' }, NOW))).toBe('forbidden')
  })

  test('who is blocked in a direct room reads on and does not write', () => {
    const blocked: Standing = { kind: 'direct', settings: defaultSettings('direct'), role: 'member', blocked: true }
    expect(said(mayDo(me, ops, 'write', blocked, NOW))).toBe('forbidden')
    expect(said(mayDo(me, ops, 'take-part', blocked, NOW))).toBe('forbidden')
    expect(said(mayDo(me, ops, 'read', blocked, NOW))).toBe('yes')
  })
})
