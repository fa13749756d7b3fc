/** What people hide appears on no way; whom they blocked hears nothing and is told nothing. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Message, RawClient } from './raw-client.ts'
import { Town } from './town.ts'

let town: Town

beforeAll(async () => {
  town = await Town.open({
    users: ['alice', 'bob', 'carol', 'dave', 'erin'],
    rooms: { attic: ['alice', 'bob'] },
    environment: { LIMIT_SEND_PER_SECOND: '0', LIMIT_REQUESTS_PER_MINUTE: '0' },
  })
  // alice and bob share a private room; carol and dave know alice from the square alone
  await town.makeRoom('square', ['alice'], 'public')
  for (const user of ['bob', 'carol', 'dave', 'erin']) await town.must('POST', '/api/rooms/square/join', {}, user)
})
afterAll(() => town?.close())
afterEach(() => town.hangUp())

const privacy = (user: string, changes: object) => town.must('PATCH', '/api/me/privacy', changes, user)
const OPEN = { direct: 'everyone', presence: 'everyone', lastSeen: 'everyone', readMarks: true, typing: true }

const ALL = ['presence', 'typing', 'receipts'].map((leaf) => `rooms/+/${leaf}/+`)

async function listen(user: string, clientId = `${user}-eyes`): Promise<RawClient> {
  const client = await town.connect(user, { clientId })
  await client.subscribe([...ALL, `users/${user}/inbox`])
  await client.message(({ topic }) => topic === `rooms/square/presence/${user}`)
  return client
}

/** Everything that went to a client about somebody, his messages left out. */
const about = (client: RawClient, user: string, leaf: string): unknown[] =>
  client.messages.filter(({ topic }) => topic.endsWith(`/${leaf}/${user}`)).map(({ text }) => JSON.parse(text))

/** The next message of a topic with this in it, not counting those that are there already. */
function next(client: RawClient, topic: string, part: string): Promise<Message> {
  const before = client.messages.length
  const isWanted = (message: Message) => message.topic === topic && message.text.includes(part)
  return client.until(() => client.messages.slice(before).find(isWanted), `a message on ${topic}`)
}

/** What a request over MQTT is answered with. */
async function ask(client: RawClient, user: string, op: string, input = {}): Promise<Record<string, unknown>> {
  const reply = await client.ask(user, op, input)
  if (!reply.ok) throw new Error(JSON.stringify(reply))
  return reply.result as unknown as Record<string, unknown>
}

/** A message of erin in the square that everybody who listens has seen: what came before it has arrived. */
async function settled(...clients: RawClient[]): Promise<void> {
  const mark = `mark-${Math.random()}`
  await Promise.all(clients.map((client) => client.subscribe('rooms/square/messages')))
  await town.must('POST', '/api/messages', { room: 'square', text: mark }, 'erin')
  await Promise.all(clients.map((client) => client.message(({ text }: Message) => text.includes(mark))))
}

/** What one person can find out about another's presence, over every way that there is. */
async function ways(viewer: string, client: RawClient, of: string): Promise<Record<string, unknown>> {
  const get = async (path: string) => (await town.must('GET', path, undefined, viewer)).body
  const memberOf = (list: unknown) => (list as { user: string; presence?: unknown }[]).find(({ user }) => user === of)
  const userOf = (list: unknown) => (list as { id: string; presence?: unknown }[]).find(({ id }) => id === of)
  const fresh = await listen(viewer, `${viewer}-fresh-${Math.random()}`)
  await fresh.message(({ topic }) => topic === `rooms/square/presence/${of}`)
  const retained = about(fresh, of, 'presence')
  return {
    retained: retained.at(-1),
    user: (await get(`/api/users/${of}`)).presence,
    members: memberOf((await get('/api/rooms/square/members')).members)?.presence,
    member: (await get(`/api/rooms/square/members/${of}`)).presence,
    presence: (await get('/api/rooms/square/presence'))[of],
    sync: userOf((await get('/api/sync')).users)?.presence,
    mqttUser: (await ask(client, viewer, 'user', { user: of })).presence,
    mqttMembers: memberOf((await ask(client, viewer, 'members', { room: 'square' })).members)?.presence,
    mqttMember: (await ask(client, viewer, 'member', { room: 'square', user: of })).presence,
    mqttPresence: (await ask(client, viewer, 'presence', { room: 'square' }))[of],
    mqttSync: userOf((await ask(client, viewer, 'sync')).users)?.presence,
  }
}

const every = (value: unknown) => ({
  retained: value, user: value, members: value, member: value, presence: value, sync: value,
  mqttUser: value, mqttMembers: value, mqttMember: value, mqttPresence: value, mqttSync: value,
}) // biome-ignore format: one table

test.each([
  ['everyone', true, true],
  ['contacts', true, false],
  ['nobody', false, false],
] as const)(
  '[PEO6] presence for %s: a contact sees it: %s, a stranger: %s',
  async (presence, forContacts, forStrangers) => {
    await privacy('alice', { ...OPEN, presence })
    const [bob, carol] = [await listen('bob'), await listen('carol')]
    const before = [bob.messages.length, carol.messages.length]
    const alice = await town.connect('alice', { clientId: 'alice-phone' })
    await alice.publish('users/alice/status', { state: 'busy', text: 'cooking' })
    await alice.publish('rooms/square/typing', '1')
    await alice.publish('rooms/square/mark', { delivered: 3 })
    const own = await listen('alice')
    await own.message(({ topic, text }) => topic === 'rooms/square/presence/alice' && text.includes('cooking'))
    const here = expect.objectContaining({ state: 'busy', text: 'cooking' })
    for (const [viewer, client, may] of [
      ['bob', bob, forContacts],
      ['carol', carol, forStrangers],
    ] as const) {
      if (may) await client.message(({ text }) => text.includes('cooking'))
      expect(await ways(viewer, client, 'alice')).toEqual(every(may ? here : { state: 'offline' }))
    }
    await own.disconnect()
    await alice.disconnect()
    // What alice herself may see of it: then it was told to everybody who may.
    await expect
      .poll(async () => (await town.must('GET', '/api/users/alice', undefined, 'alice')).body.presence)
      .toHaveProperty('lastSeen')
    await settled(bob, carol)
    const live = (client: RawClient, from: number) =>
      client.messages.slice(from).filter(({ topic }) => topic.endsWith('/alice'))
    if (!forContacts) expect(live(bob, before[0] ?? 0)).toEqual([])
    if (!forStrangers) expect(live(carol, before[1] ?? 0)).toEqual([])
  },
)

test.each([
  ['everyone', true, true],
  ['contacts', true, false],
  ['nobody', false, false],
] as const)(
  '[PEO6] last seen for %s: a contact sees it: %s, a stranger: %s',
  async (lastSeen, forContacts, forStrangers) => {
    await privacy('alice', { ...OPEN, lastSeen })
    const [bob, carol] = [await listen('bob'), await listen('carol')]
    const alice = await town.connect('alice', { clientId: 'alice-phone' })
    await carol.message(({ topic, text }) => topic.endsWith('/presence/alice') && text.includes('since'))
    const gone = [bob, carol].map((client) => next(client, 'rooms/square/presence/alice', '"offline"'))
    await alice.disconnect()
    const away = (await Promise.all(gone))[1] as Message
    const seen = expect.objectContaining({ state: 'offline', lastSeen: expect.any(Number) })
    expect(JSON.parse(away.text)).toEqual(forStrangers ? seen : { state: 'offline' })
    expect(await ways('bob', bob, 'alice')).toEqual(every(forContacts ? seen : { state: 'offline' }))
    expect(await ways('carol', carol, 'alice')).toEqual(every(forStrangers ? seen : { state: 'offline' }))
  },
)

test('[PEO6] who hides while he is here is gone at once, and here again when he shows himself', async () => {
  await privacy('alice', OPEN)
  const carol = await listen('carol')
  const alice = await town.connect('alice')
  await carol.message(({ topic, text }) => topic.endsWith('/presence/alice') && !text.includes('offline'))
  await privacy('alice', { presence: 'nobody' })
  const hidden = await carol.until(() => {
    const last = about(carol, 'alice', 'presence').at(-1) as { state: string }
    return last.state === 'offline' ? last : undefined
  }, 'the hidden presence')
  expect(hidden).toEqual({ state: 'offline' })
  await privacy('alice', { presence: 'everyone' })
  await carol.until(() => (about(carol, 'alice', 'presence').at(-1) as { since?: number }).since, 'the presence')
  await alice.disconnect()
})

const receiptOf = async (viewer: string, of: string) =>
  (await town.must('GET', `/api/rooms/square/members/${of}`, undefined, viewer)).body.receipt

test('[PEO7] read marks off: nobody learns of his, and he of nobody’s', async () => {
  await privacy('alice', { ...OPEN, readMarks: false })
  const [alice, bob, carol] = [await listen('alice'), await listen('bob'), await listen('carol')]
  await alice.publish('rooms/square/mark', { read: 4, delivered: 5 }, { qos: 1 })
  await bob.publish('rooms/square/mark', { read: 3 }, { qos: 1 })
  await carol.message(({ topic }) => topic === 'rooms/square/receipts/bob')
  await settled(alice, bob, carol)
  expect(about(carol, 'alice', 'receipts')).toEqual([])
  expect(about(alice, 'bob', 'receipts')).toEqual([])
  expect(await receiptOf('bob', 'alice')).toBeUndefined()
  expect(await receiptOf('alice', 'bob')).toBeUndefined()
  expect(await receiptOf('alice', 'alice')).toMatchObject({ read: 4 })
  expect(await receiptOf('carol', 'bob')).toMatchObject({ read: 3 })
  const { members } = await ask(alice, 'alice', 'members', { room: 'square' })
  const shown = (members as { user: string; receipt?: object }[]).filter(({ receipt }) => receipt !== undefined)
  expect(shown.map(({ user }) => user)).toEqual(['alice'])
  await privacy('alice', OPEN)
  expect(await receiptOf('bob', 'alice')).toMatchObject({ read: 4, delivered: 5 })
})

test('[PEO7] what was delivered does not tell who is here', async () => {
  await privacy('alice', { ...OPEN, presence: 'contacts' })
  const [alice, bob, carol] = [await listen('alice'), await listen('bob'), await listen('carol')]
  await alice.publish('rooms/square/mark', { delivered: 6 }, { qos: 1 })
  await bob.message(({ topic, text }) => topic === 'rooms/square/receipts/alice' && text.includes('"delivered":6'))
  await alice.publish('rooms/square/mark', { read: 5, delivered: 7 }, { qos: 1 })
  await carol.message(({ topic }) => topic === 'rooms/square/receipts/alice')
  await settled(carol)
  expect(about(carol, 'alice', 'receipts')).toEqual([{ read: 5, delivered: 5 }])
  expect(await receiptOf('carol', 'alice')).toEqual({ read: 5, delivered: 5 })
  expect(await receiptOf('bob', 'alice')).toEqual({ read: 5, delivered: 7 })
})

test('[PEO7] typing off: nobody hears of it', async () => {
  await privacy('alice', { ...OPEN, typing: false })
  const [alice, bob, carol] = [await listen('alice'), await listen('bob'), await listen('carol')]
  await alice.publish('rooms/attic/typing', '1', { qos: 1 })
  await alice.publish('rooms/square/typing', '1', { qos: 1 })
  await carol.publish('rooms/square/typing', '1', { qos: 1 })
  await bob.message(({ topic }) => topic === 'rooms/square/typing/carol')
  expect([...about(bob, 'alice', 'typing'), ...about(carol, 'alice', 'typing')]).toEqual([])
})

test('[PEO8] who may begin a conversation with me, or add me to a room', async () => {
  const begin = (user: string, body: object = { kind: 'direct', members: ['alice'] }) =>
    town
      .request('POST', '/api/rooms', body, user)
      .then(({ status, body: { error } }) => [status, (error as { code?: string })?.code])
  const add = { kind: 'private', name: 'Trap', members: ['erin', 'alice'] }
  const no = [403, 'forbidden']
  await privacy('alice', { ...OPEN, direct: 'nobody' })
  expect([await begin('bob'), await begin('carol'), await begin('carol', add)]).toEqual([no, no, no])
  await privacy('alice', { direct: 'contacts' })
  expect([await begin('carol'), await begin('carol', add)]).toEqual([no, no])
  await town.makeRoom('trap', ['carol'])
  expect((await town.request('PUT', '/api/rooms/trap/members/alice', {}, 'carol')).body.error).toMatchObject({
    code: 'forbidden',
  })
  expect((await begin('bob'))[0]).toBe(201)
  await privacy('alice', { direct: 'nobody' })
  expect((await begin('bob'))[0]).toBe(201) // the one that exists
})

test('[PEO9] [PEO10] who is blocked hears nothing, says nothing to me alone, and is told nothing', async () => {
  await privacy('alice', OPEN)
  const { body: direct } = await town.must('POST', '/api/rooms', { kind: 'direct', members: ['carol'] }, 'alice')
  const [alice, carol] = [await listen('alice'), await listen('carol')]
  await carol.publish(`rooms/${direct.id}/send`, 'before', { qos: 1 })
  await carol.message(({ topic, text }) => topic.endsWith('/presence/alice') && text.includes('since'))
  const heard = carol.messages.length
  await town.must('PUT', '/api/me/blocks/carol', {}, 'alice')
  expect(JSON.parse((await alice.message(({ text }) => text.includes('"blocked"'))).text)).toEqual({
    type: 'blocked',
    user: 'carol',
    blocked: true,
  })

  const refused = async (topic: string, payload: object | string) => {
    const from = carol.messages.length
    await carol.publish(topic, payload, { qos: 1 })
    const reply = await carol.until(
      () => carol.messages.slice(from).find(({ topic }) => topic.endsWith('/replies')),
      'a no',
    )
    return JSON.parse(reply.text)
  }
  for (const payload of ['hello?', { type: 'react', seq: 4, emoji: '👍' }]) {
    expect(await refused(`rooms/${direct.id}/send`, payload)).toMatchObject({
      code: 'forbidden',
      message: 'You may not do this.',
    })
  }
  expect(await refused(`rooms/${direct.id}/typing`, '1')).toMatchObject({ code: 'forbidden' })
  expect((await town.request('POST', '/api/messages', { room: direct.id, text: 'x' }, 'carol')).status).toBe(403)
  expect(await ways('carol', carol, 'alice')).toEqual(every({ state: 'offline' }))
  expect(
    (await town.request('POST', '/api/rooms', { kind: 'private', name: 'X', members: ['alice'] }, 'carol')).body.error,
  ).toEqual({
    code: 'forbidden',
    message: 'You may not do this.',
  })

  await alice.publish('rooms/square/typing', '1', { qos: 1 })
  await alice.publish('rooms/square/mark', { read: 8 }, { qos: 1 })
  await alice.publish('users/alice/status', { state: 'away', text: 'secret' })
  await alice.message(({ topic, text }) => topic === 'rooms/square/presence/alice' && text.includes('secret'))
  const { body: sent } = await town.must('POST', '/api/messages', { room: 'square', text: '@alice' }, 'carol')
  const { body: fine } = await town.must('POST', '/api/messages', { room: 'square', text: '@alice' }, 'bob')
  const mention = await alice.message(({ text }) => text.includes('"mention"'))
  expect(JSON.parse(mention.text)).toMatchObject({ seq: fine.seq, from: 'bob' })
  expect(sent.seq).toBeLessThan(fine.seq as number)
  const { body: sync } = await town.must('GET', '/api/sync', undefined, 'alice')
  expect(sync.blocked).toEqual(['carol'])
  expect((sync.rooms as { id: string; mentions: number }[]).find(({ id }) => id === 'square')).toMatchObject({
    mentions: 1,
  })
  await settled(carol)
  const news = carol.messages
    .slice(heard)
    .filter(({ topic }) => /(presence|typing|receipts)\/alice$|inbox$/.test(topic))
    .filter(({ text }) => !text.includes('"unread"')) // of what others write
  expect(new Set(news.map(({ text }) => text))).toEqual(new Set(['{"state":"offline"}']))

  await alice.publish(`rooms/${direct.id}/send`, 'I may still write', { qos: 1 })
  await town.must('DELETE', '/api/me/blocks/carol', undefined, 'alice')
  await carol.until(() => (about(carol, 'alice', 'presence').at(-1) as { text?: string }).text, 'the presence again')
  await town.must('POST', '/api/messages', { room: direct.id, text: 'hello again' }, 'carol')
  expect((await town.must('GET', '/api/me/blocks', undefined, 'alice')).body).toEqual({ blocks: [] })
})

test('[PEO9] blocks are for people, and nobody blocks himself', async () => {
  expect((await town.request('PUT', '/api/me/blocks/alice', {}, 'alice')).status).toBe(409)
  expect((await town.request('PUT', '/api/me/blocks/nobody', {}, 'alice')).status).toBe(404)
  const { token } = await town.appToken('alice')
  for (const path of ['/api/me/blocks', '/api/me/privacy']) {
    expect((await town.request('GET', path, undefined, token)).body.error).toMatchObject({ code: 'out_of_scope' })
  }
})

test('[PEO1] [PEO3] [PEO4] profiles, contacts, and that a new name is told', async () => {
  const carol = await listen('carol')
  await town.must('PATCH', '/api/me', { displayName: 'Bobby', about: 'Bees', timeZone: 'Europe/Rome' }, 'bob')
  const notice = await carol.message(({ topic, text }) => topic.endsWith('/inbox') && text.includes('"profile"'))
  expect(JSON.parse(notice.text)).toEqual({ type: 'profile', user: 'bob', displayName: 'Bobby' })
  expect((await town.must('GET', '/api/users/bob', undefined, 'alice')).body).toMatchObject({
    ...{ id: 'bob', displayName: 'Bobby', about: 'Bees', timeZone: 'Europe/Rome' },
    rooms: [
      { id: 'attic', name: 'attic', kind: 'private' },
      { id: 'square', name: 'square', kind: 'public' },
    ],
  })
  expect((await town.request('PATCH', '/api/me', { timeZone: 'Middle/Earth' }, 'bob')).status).toBe(400)
  const contacts = async (user: string) =>
    ((await town.must('GET', '/api/contacts', undefined, user)).body.contacts as { id: string }[]).map(({ id }) => id)
  expect(await contacts('bob')).toEqual(['alice'])
  expect(await contacts('dave')).toEqual([])
  const { token } = await town.appToken('bob', { rooms: ['square'] })
  expect((await town.must('GET', '/api/contacts', undefined, token)).body).toEqual({ contacts: [] })
  expect((await town.must('GET', '/api/users/alice', undefined, token)).body.rooms).toEqual([])
})
