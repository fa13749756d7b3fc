/**
 * Everything that somebody may try in a room, by everybody, through every door of a running product: the answers are
 * those of the pure table, and of nothing else ([ACL1]). Long, as it is one list of everything that can be tried.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type About,
  type Decision,
  FOREVER,
  mayDo,
  mayPublish,
  maySubscribe,
  type RoomAction,
  type Session,
  type Standing,
} from '../../auth-plugin/index.ts'
import type { Role, RoomKind } from '../../protocol/events.ts'
import type { DeviceId, RoomId, UserId } from '../../protocol/ids.ts'
import { completeSettings, type StoredSettings } from '../../protocol/room-settings.ts'
import { parseFilter, parsePublishTopic } from '../../protocol/topics.ts'
import type { RawClient } from './raw-client.ts'
import { Town } from './town.ts'

const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'reader']
const LEAST: About = { target: 'reader', role: 'reader' }
/** Owns the rooms, and puts everybody back where he was. */
const KEEPER = 'keeper'
/** Members whom things are tried on, by their roles; the author of the messages; somebody outside. */
const TARGETS: Record<string, Role> = {
  't-owner': 'owner',
  't-admin': 'admin',
  't-member': 'member',
  't-reader': 'reader',
}
const AUTHOR = 'author'
const NOBODY = 'nobody'
const MEMBERS: Record<string, Role> = {
  [KEEPER]: 'owner',
  owner: 'owner',
  admin: 'admin',
  member: 'member',
  reader: 'reader',
  muted: 'member',
  [AUTHOR]: 'member',
  ...TARGETS,
}

/** Who tries; with a token where his session could do more. */
type Place = { name: string; user: string; scope: 'everything' | 'to read' | 'another room' }
const PLACES: readonly Place[] = [
  ...['reader', 'member', 'muted', 'admin', 'stranger', 'banned', 'owner'].map((user) => ({
    name: user,
    user,
    scope: 'everything' as const,
  })),
  { name: 'owner with a token to read', user: 'owner', scope: 'to read' },
  { name: 'owner with a token for another room', user: 'owner', scope: 'another room' },
]

type Fixture = {
  id: string
  kind: RoomKind
  settings: StoredSettings
  archived: boolean
  members: Record<string, Role>
}
const all = (role: Role): StoredSettings => ({
  permissions: { write: role, invite: role, rename: role, pin: role, deleteOthers: role },
})
const VARIANTS: Record<string, { settings: StoredSettings; archived?: true }> = {
  default: { settings: {} },
  archived: { settings: {}, archived: true },
  announcements: { settings: { permissions: { write: 'admin' } } },
  open: { settings: all('reader') },
  strict: { settings: all('owner') },
}
const fixtures: Fixture[] = (['public', 'private'] as const).flatMap((kind) =>
  Object.entries(VARIANTS).map(([name, { settings, archived = false }]) => ({
    id: `${kind}-${name}`,
    kind,
    settings,
    archived,
    members: MEMBERS,
  })),
)

let town: Town
let direct = ''
const tokens = new Map<string, string>()
let cases = 0

beforeAll(async () => {
  const users = [...new Set([...Object.keys(MEMBERS), 'stranger', 'banned', NOBODY])]
  const none = { LIMIT_SEND_PER_SECOND: '0', LIMIT_REQUESTS_PER_MINUTE: '0' }
  town = await Town.open({
    users,
    environment: { ...none, LIMIT_CONNECTIONS_PER_USER: '0', LIMIT_CONNECTIONS_PER_IP: '0' },
  })
  await town.makeRoom('elsewhere', ['owner'])
  tokens.set('to read', (await town.appToken('owner', { access: 'read' })).token)
  tokens.set('another room', (await town.appToken('owner', { rooms: ['elsewhere'] })).token)
  await Promise.all(fixtures.map(furnish))
  const { body } = await town.must('POST', '/api/rooms', { kind: 'direct', members: [AUTHOR] }, 'member')
  direct = body.id as string
  for (let i = 0; i < 3; i++) await town.must('POST', '/api/messages', { room: direct, text: `m${i}` }, AUTHOR)
})
afterAll(() => town?.close())

const as = (place: Place): string => tokens.get(place.scope) ?? place.user

async function furnish({ id, kind, settings, archived, members }: Fixture): Promise<void> {
  await town.must(
    'POST',
    '/api/rooms',
    { id, name: id, kind, members: Object.keys(members).filter((u) => u !== KEEPER) },
    KEEPER,
  )
  const roles = Object.entries(members).filter(([user, role]) => user !== KEEPER && role !== 'member')
  for (const [user, role] of roles) await town.must('PUT', `/api/rooms/${id}/members/${user}`, { role }, KEEPER)
  await town.must('PUT', `/api/rooms/${id}/mutes/muted`, {}, KEEPER)
  await town.must('PUT', `/api/rooms/${id}/bans/banned`, {}, KEEPER)
  for (let i = 0; i < 3; i++) await town.must('POST', '/api/messages', { room: id, text: `m${i}` }, AUTHOR)
  await town.must('PATCH', `/api/rooms/${id}`, { settings: { ...settings }, ...(archived && { archived }) }, KEEPER)
}

/** What the pure table is told of somebody: from the way the room was furnished, not from the server. */
function standingOf(fixture: Fixture | undefined, user: string): Standing | undefined {
  if (fixture === undefined) return undefined
  const role = fixture.members[user]
  return {
    kind: fixture.kind,
    settings: completeSettings(fixture.kind, fixture.settings),
    ...(fixture.archived && { archived: true as const }),
    ...(role && { role, joinedSeq: 1 }),
    ...(user === 'muted' && role && { mutedUntil: FOREVER }),
    ...(user === 'banned' && fixture.kind !== 'direct' && { bannedUntil: FOREVER }),
  }
}

const sessionOf = ({ user, scope }: Place): Session => ({
  user: user as UserId,
  credential: { kind: scope === 'everything' ? 'session' : 'app-token', id: 'c' },
  expiresAt: null,
  scope: {
    rooms: scope === 'another room' ? new Set(['elsewhere' as RoomId]) : null,
    access: scope === 'to read' ? 'read' : 'write',
  },
})

const said = (decision: Decision): string => (decision.ok ? 'yes' : decision.no.code)

type May = (action: RoomAction, about?: About) => Decision
/** One thing to try. `needs`: what the table must say yes to, in this order. */
type Trial = {
  name: string
  method: string
  path: string
  body?: object
  operation: string
  input: object
  needs(may: May): Decision[]
  /** What is answered when the table says yes, if not yes. */
  answers?: string
  /** Puts things back, as the keeper. */
  undo?(): Promise<void>
}

function trialsIn(fixture: Fixture, room: string, place: Place, message: number): Trial[] {
  const { user } = place
  const at = `/api/rooms/${room}`
  const one = (action: RoomAction, about?: About) => (may: May) => [may(action, about)]
  const least = (action: RoomAction, target: Role) => (may: May) => [may(action, LEAST), may(action, { target })]
  const keep = (method: string, path: string, body?: object) => town.request(method, at + path, body, KEEPER)
  const open = async (work: () => Promise<unknown>): Promise<void> => {
    if (fixture.archived) await keep('PATCH', '', { archived: false })
    await work()
    if (fixture.archived) await keep('PATCH', '', { archived: true })
  }
  const putBack = (who: string) => () =>
    open(async () => {
      const role = fixture.members[who]
      if (role === undefined) return keep('DELETE', `/members/${who}`)
      await keep('DELETE', `/bans/${who}`)
      await keep('PUT', `/members/${who}`, { role })
      if (who === 'muted') await keep('PUT', `/mutes/${who}`, {})
    })
  const trial = (
    name: string,
    [method, path, body]: [string, string, object?],
    [operation, input]: [string, object?],
    needs: Trial['needs'],
    more: Pick<Trial, 'answers' | 'undo'> = {},
  ): Trial => ({ name, method, path, ...(body && { body }), operation, input: { room, ...input }, needs, ...more })
  const patch = (name: string, body: object, needs: Trial['needs']) =>
    trial(name, ['PATCH', at, body], ['update-room', body], needs)
  const command = (name: string, fields: object, actions: RoomAction[]) =>
    trial(name, ['POST', '/api/messages', { room, ...fields }], ['send', fields], (may) => actions.map((a) => may(a)))
  const put = (who: string, role: Role): Trial => {
    const target = fixture.members[who]
    const needs = (may: May): Decision[] => {
      const any = may('change-role', LEAST).ok ? [] : [may('invite', LEAST)]
      const it =
        target === undefined || target === role ? may('invite', { role }) : may('change-role', { target, role })
      return [may('read'), ...any, it]
    }
    const more = who === 'banned' ? { answers: 'banned' } : { undo: putBack(who) }
    const path = `${at}/members/${who}`
    return trial(`make ${who} ${role}`, ['PUT', path, { role }], ['put-member', { user: who, role }], needs, more)
  }
  const ruled = Object.entries(TARGETS).flatMap(([who, target]) => [
    ...ROLES.map((role) => put(who, role)),
    trial(`mute ${who}`, ['PUT', `${at}/mutes/${who}`, {}], ['mute', { user: who }], least('mute', target)),
    trial(`unmute ${who}`, ['DELETE', `${at}/mutes/${who}`], ['unmute', { user: who }], least('mute', target)),
    trial(
      `remove ${who}`,
      ['DELETE', `${at}/members/${who}`],
      ['remove-member', { user: who }],
      least('remove-member', target),
      { undo: putBack(who) },
    ),
    trial(`ban ${who}`, ['PUT', `${at}/bans/${who}`, {}], ['ban', { user: who }], least('ban', target), {
      undo: putBack(who),
    }),
  ])
  return [
    trial('look', ['GET', at], ['room'], one('read')),
    trial('see the members', ['GET', `${at}/members`], ['members'], one('read')),
    trial('see one member', ['GET', `${at}/members/${AUTHOR}`], ['member', { user: AUTHOR }], one('read')),
    trial('see who is here', ['GET', `${at}/presence`], ['presence'], one('read')),
    trial('read the log', ['GET', `/api/messages?room=${room}`], ['history'], one('read')),
    trial('mark', ['POST', `${at}/mark`, { read: 1 }], ['mark', { read: 1 }], one('mark')),
    command('write', { text: 'tried' }, ['take-part', 'write']),
    command('react', { type: 'react', seq: message, emoji: '+' }, ['take-part']),
    command('pin', { type: 'pin', seq: message }, ['take-part', 'pin']),
    command('unpin', { type: 'unpin', seq: message }, ['take-part', 'pin']),
    command(
      'delete',
      { type: 'delete', seq: message },
      user === AUTHOR ? ['take-part'] : ['take-part', 'delete-others'],
    ),
    patch('rename', { name: room }, one('rename')),
    patch('set the history', { settings: { history: 'all' } }, one('change-room')),
    patch('set slow mode', { settings: { slowMode: 0 } }, one('change-room')),
    patch('set permissions', { settings: { permissions: {} } }, one('change-permissions')),
    patch('archive', { archived: fixture.archived }, one('archive')),
    trial('see the bans', ['GET', `${at}/bans`], ['bans'], one('ban', LEAST)),
    trial('ban again', ['PUT', `${at}/bans/banned`, {}], ['ban', { user: 'banned' }], one('ban', LEAST)),
    trial('ban a stranger', ['PUT', `${at}/bans/${NOBODY}`, {}], ['ban', { user: NOBODY }], one('ban', LEAST), {
      undo: async () => void (await keep('DELETE', `/bans/${NOBODY}`)),
    }),
    trial('lift a ban', ['DELETE', `${at}/bans/${NOBODY}`], ['unban', { user: NOBODY }], one('ban', LEAST)),
    ...ROLES.map((role) => put(NOBODY, role)),
    put('banned', 'member'),
    ...(fixture.kind === 'direct' ? [] : ruled),
    trial(
      'transfer',
      ['POST', `${at}/transfer`, { user: 't-member' }],
      ['transfer-room', { user: 't-member' }],
      one('transfer'),
      { undo: () => open(() => Promise.all([putBack('owner')(), putBack('t-member')()])) },
    ),
    trial('join', ['POST', `${at}/join`], ['join'], one('join'), {
      ...(fixture.members[user] === undefined && { undo: putBack(user) }),
    }),
    trial('leave', ['POST', `${at}/leave`], ['leave'], one('leave'), { undo: putBack(user) }),
  ]
}

const deletion = (room: string): Trial => ({
  name: 'delete the room',
  method: 'DELETE',
  path: `/api/rooms/${room}`,
  operation: 'delete-room',
  input: { room },
  needs: (may) => [may('delete-room')],
})

const wrong: string[] = []
function check(what: string, answer: string, expected: string): void {
  cases++
  if (answer !== expected) wrong.push(`${what}: ${answer} instead of ${expected}`)
}

type Door = 'HTTP' | 'MQTT'
async function attempt(door: Door, trial: Trial, place: Place, client: RawClient): Promise<string> {
  if (door === 'HTTP') {
    const { status, body } = await town.request(trial.method, trial.path, trial.body, as(place))
    return status < 300 ? 'yes' : (body as { error: { code: string } }).error.code
  }
  const reply = await client.ask(place.user, trial.operation, trial.input as Record<string, unknown>)
  return reply.ok ? 'yes' : (reply.error?.code ?? '?')
}

async function tryTrial(
  door: Door,
  trial: Trial,
  place: Place,
  standing: Standing | undefined,
  room: string,
  client: RawClient,
) {
  const me = sessionOf(place)
  const now = Date.now()
  const may: May = (action, about) => mayDo(me, room as RoomId, action, standing, now, about)
  // An operation that changes something asks for the scope of the token before anything else.
  const scope: Decision =
    isReading(trial) || me.scope.access === 'write' ? { ok: true } : { ok: false, no: { code: 'out_of_scope' } }
  const no = [scope, ...trial.needs(may)].find((decision) => !decision.ok)
  const expected = no === undefined ? (trial.answers ?? 'yes') : said(no)
  const answer = await attempt(door, trial, place, client)
  check(`${place.name}, ${room}, ${door}: ${trial.name}`, answer, expected)
  if (answer === 'yes') await trial.undo?.()
}

const isReading = ({ method, name }: Trial): boolean => method === 'GET' && name !== 'see the bans'

const LEAVES = [
  'messages',
  'compact',
  'text',
  'state',
  '#',
  'presence/+',
  'presence/author',
  'typing/+',
  'receipts/author',
]

async function tryFilters(
  place: Place,
  standing: Standing | undefined,
  room: string,
  client: RawClient,
): Promise<void> {
  const me = sessionOf(place)
  const filters = LEAVES.map((leaf) => `rooms/${room}/${leaf}`)
  for (const qos of [0, 1] as const) {
    const granted = await client.subscribe(filters, qos)
    await client.unsubscribe(...filters)
    filters.forEach((text, i) => {
      const filter = parseFilter(text)
      if (filter === undefined) throw new Error(text)
      const expected = maySubscribe(me, 'd' as DeviceId, filter, standing, Date.now()).ok ? qos : 128
      check(`${place.name}, subscribe to ${text}`, String(granted[i]), String(expected))
    })
  }
}

async function tryPublishes(
  place: Place,
  standing: Standing | undefined,
  room: string,
  client: RawClient,
  message: number,
) {
  const me = sessionOf(place)
  const may: May = (action) => mayDo(me, room as RoomId, action, standing, Date.now())
  const payloads: [string, string | object, Decision[]][] = [
    ['send', { text: 'tried' }, []],
    ['send', { type: 'message', text: 'tried' }, [may('write')]],
    ['send', 'tried', [may('write')]],
    ['send', { type: 'react', seq: message, emoji: '+' }, []],
    ['send', { type: 'pin', seq: message }, [may('pin')]],
    ['send', { type: 'delete', seq: message }, [may('delete-others')]],
    ['mark', { read: 1 }, []],
    ['typing', '1', []],
    ['messages', 'forged', []],
    ['state', '', []],
    ['presence/author', '{}', []],
    ['receipts/author', '{"read":1}', []],
  ]
  payloads[0] = ['send', { text: 'tried' }, [may('write')]] // no type: a message whose text is the payload
  for (const [leaf, payload, more] of payloads) {
    const name = `rooms/${room}/${leaf}`
    const topic = parsePublishTopic(name)
    if (topic === undefined) throw new Error(name)
    const no = [mayPublish(me, topic, standing, Date.now()), ...more].find((decision) => !decision.ok)
    const before = client.messages.length
    await client.publish(name, payload, { qos: 1, retain: leaf === 'state' })
    const rejection = client.messages.slice(before).find(({ topic: on }) => on.endsWith('/replies'))
    const answer = rejection === undefined ? 'yes' : JSON.parse(rejection.text).code
    check(`${place.name}, publish to ${name}: ${JSON.stringify(payload)}`, answer, no === undefined ? 'yes' : said(no))
  }
}

async function tryEverything(fixture: Fixture | undefined, room: string, door: Door): Promise<void> {
  const like = fixture ?? { id: room, kind: 'private', settings: {}, archived: false, members: {} }
  const message = fixture === undefined ? 1 : await messageIn(fixture, room)
  for (const place of PLACES) {
    const standing = standingOf(fixture, place.user)
    const password = tokens.get(place.scope)
    const clientId = `${place.name}-${room}-${door}`.replaceAll(' ', '-').slice(-60)
    const client = await town.connect(place.user, { clientId, ...(password && { password }) })
    if (door === 'MQTT') {
      await tryFilters(place, standing, room, client)
      await tryPublishes(place, standing, room, client, message)
    }
    for (const [i, trial] of trialsIn(like, room, place, message).entries()) {
      if (sharesDoors(like) && i % 2 === (door === 'HTTP' ? 0 : 1)) continue
      await tryTrial(door, trial, place, standing, room, client)
    }
    client.destroy()
  }
}

/** Rooms that differ in their permissions alone: half of the trials through each door. */
const sharesDoors = ({ settings }: Fixture): boolean => settings.permissions !== undefined

async function messageIn({ kind }: Fixture, room: string): Promise<number> {
  const found = await town.log(room, kind === 'direct' ? AUTHOR : KEEPER)
  return found.find(({ type, from }) => type === 'message' && from === AUTHOR)?.seq ?? 0
}

/** Owners come last: afterwards there is no room. */
async function tryDeletion(fixture: Fixture, door: Door): Promise<void> {
  for (const place of [...PLACES].sort((a, b) => Number(a.name === 'owner') - Number(b.name === 'owner'))) {
    const password = tokens.get(place.scope)
    const client = await town.connect(place.user, { clientId: `last-${fixture.id}`, ...(password && { password }) })
    await tryTrial(door, deletion(fixture.id), place, standingOf(fixture, place.user), fixture.id, client)
    client.destroy()
  }
}

const agrees = (): void => expect(wrong.splice(0)).toEqual([])

describe('[ACL1] every answer of the product is that of the table', () => {
  test('[ACL1] in public and private rooms of every kind, over HTTP and MQTT', async () => {
    const lanes = fixtures.map(async (fixture) => {
      await tryEverything(fixture, fixture.id, 'HTTP')
      await tryEverything(fixture, fixture.id, 'MQTT')
    })
    await Promise.all(lanes)
    agrees()
  }, 300_000)

  test('[ACL1] [ROOM2] between two, and where there is no room', async () => {
    const members = { member: 'member', [AUTHOR]: 'member' } as const
    const between: Fixture = { id: direct, kind: 'direct', settings: {}, archived: false, members }
    for (const door of ['HTTP', 'MQTT'] as const) {
      await Promise.all([tryEverything(between, direct, door), tryEverything(undefined, 'no-such-room', door)])
    }
    agrees()
  }, 300_000)

  test('[ACL1] [ROOM6] and who may delete a room', async () => {
    await Promise.all(fixtures.map((fixture, i) => tryDeletion(fixture, i % 2 === 0 ? 'HTTP' : 'MQTT')))
    agrees()
    expect(cases).toBeGreaterThan(10_000)
  }, 300_000)
})
