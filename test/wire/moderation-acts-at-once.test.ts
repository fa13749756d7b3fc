/** What moderators do acts on live connections within a second, over both transports ([P6]). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RawClient } from './raw-client.ts'
import { Town } from './town.ts'

const TRANSPORTS = ['tcp', 'websocket'] as const

let town: Town
let rooms = 0
let sent = 0

beforeAll(async () => {
  town = await Town.open({
    users: ['alice', 'bob', 'carol', 'dave'],
    environment: { LIMIT_SEND_PER_SECOND: '0', LIMIT_CONNECTIONS_PER_USER: '0' },
  })
})
afterAll(() => town?.close())
afterEach(() => town.hangUp())

/** A room of alice with bob and carol in it. */
async function makeRoom(kind: 'public' | 'private' = 'private'): Promise<string> {
  const room = `room-${++rooms}`
  await town.makeRoom(room, ['alice', 'bob', 'carol'], kind)
  return room
}

/** A user on both transports, listening to the room in every way there is. */
async function everywhere(user: string, room: string, member = true): Promise<RawClient[]> {
  return Promise.all(
    TRANSPORTS.map(async (transport) => {
      const client = await town.connect(user, { transport, clientId: `${user}-${transport}` })
      const filters = [`rooms/${room}/messages`, `rooms/${room}/#`, ...(member ? ['rooms/+/text'] : [])]
      expect(await client.subscribe(filters, 1)).not.toContain(128)
      return client
    }),
  )
}

/** Does a thing as somebody; it must be answered, and have its effect, within a second. */
async function within1s(method: string, path: string, body: unknown, by: string, effect: () => Promise<void>) {
  const began = performance.now()
  await town.must(method, path, body, by)
  await effect()
  expect(performance.now() - began).toBeLessThan(1_000)
}

/** Sends; answers the code it was refused with, or `said`. */
async function answerTo(client: RawClient, room: string, fields: object = {}): Promise<string> {
  const id = `c${++sent}`
  await client.publish(`rooms/${room}/send`, { type: 'message', text: `try ${id}`, id, ...fields })
  const refused = client.messages.find(({ text }) => text.includes('"rejected"') && JSON.parse(text).id === id)
  return refused === undefined ? 'said' : JSON.parse(refused.text).code
}

const allAnswer = async (clients: RawClient[], room: string, code: string): Promise<void> => {
  expect(await Promise.all(clients.map((client) => answerTo(client, room)))).toEqual(clients.map(() => code))
}

/** Says something as carol; answers who of them heard it. */
async function heardBy(clients: RawClient[], room: string, by = 'carol'): Promise<boolean[]> {
  const text = `life ${++sent}`
  await town.must('POST', '/api/messages', { room, text }, by)
  await Promise.all(clients.map((client) => client.ping()))
  return clients.map((client) => client.messages.some((message) => message.text.includes(text)))
}

describe('who is put out', () => {
  const ways: [string, 'public' | 'private', (room: string) => [string, string, object?], string][] = [
    ['a kick', 'private', (room) => ['DELETE', `/api/rooms/${room}/members/bob`], 'not_member'],
    ['a kick', 'public', (room) => ['DELETE', `/api/rooms/${room}/members/bob`], 'not_member'],
    ['a ban', 'private', (room) => ['PUT', `/api/rooms/${room}/bans/bob`, { reason: 'spam' }], 'not_member'],
    ['a ban', 'public', (room) => ['PUT', `/api/rooms/${room}/bans/bob`, {}], 'not_member'],
  ]
  test.each(ways)('[P6] %s from a %s room silences and refuses at once', async (_, kind, way, code) => {
    const room = await makeRoom(kind)
    const clients = await everywhere('bob', room)
    expect(await heardBy(clients, room)).toEqual([true, true])
    const [method, path, body] = way(room)
    await within1s(method, path, body, 'alice', async () => {
      await allAnswer(clients, room, code)
      expect(await heardBy(clients, room)).toEqual([false, false])
    })
    const readable = kind === 'public' && method === 'DELETE' // a stranger may listen again
    for (const client of clients) {
      expect(await client.subscribe([`rooms/${room}/messages`, `rooms/${room}/state`], 1)).toEqual(
        readable ? [1, 1] : [128, 128],
      )
    }
    expect(await heardBy(clients, room)).toEqual([readable, readable])
  })

  test('[P6] [MOD1] a ban silences strangers who listen to a public room, and ends by itself', async () => {
    const room = await makeRoom('public')
    const clients = await everywhere('dave', room, false)
    expect(await heardBy(clients, room)).toEqual([true, true])
    const until = Date.now() + 1_500
    await within1s('PUT', `/api/rooms/${room}/bans/dave`, { until }, 'alice', async () => {
      expect(await heardBy(clients, room)).toEqual([false, false])
    })
    for (const client of clients) expect(await client.subscribe([`rooms/${room}/#`])).toEqual([128])
    expect((await town.request('GET', `/api/messages?room=${room}`, undefined, 'dave')).body).toMatchObject({
      error: { code: 'banned' },
    })
    expect((await town.request('POST', `/api/rooms/${room}/join`, undefined, 'dave')).status).toBe(403)
    let granted = [128]
    while (granted[0] === 128) granted = await (clients[0] as RawClient).subscribe([`rooms/${room}/messages`])
    expect(Date.now()).toBeGreaterThanOrEqual(until)
    expect(await heardBy(clients.slice(0, 1), room)).toEqual([true])
    expect((await town.request('POST', `/api/rooms/${room}/join`, undefined, 'dave')).status).toBe(200)
  })

  test('[P6] also while a stranger is subscribing', async () => {
    for (let i = 0; i < 10; i++) {
      const room = await makeRoom('public')
      const client = await town.connect('dave', { clientId: `racer-${i}` })
      const granting = client.subscribe([`rooms/${room}/messages`, `rooms/${room}/#`], 1)
      await Promise.all([town.must('PUT', `/api/rooms/${room}/bans/dave`, {}, 'alice'), granting])
      expect(await heardBy([client], room)).toEqual([false])
      client.destroy()
      await client.closed
    }
  })

  test.each(['DELETE members', 'PUT bans'])(
    '[P6] [CUR2] %s: a durable cursor brings nothing later, also when he is let in again',
    async (way) => {
      const room = await makeRoom()
      const options = { clientId: `durable-${room}`, clean: false }
      const before = await town.connect('bob', options)
      await before.subscribe([`rooms/${room}/messages`, 'rooms/+/text'], 1)
      await heardBy([before], room)
      await before.disconnect()
      await town.must('POST', '/api/messages', { room, text: 'missed as a member' }, 'carol')
      const [method = '', list] = way.split(' ')
      await town.must(method, `/api/rooms/${room}/${list}/bob`, method === 'PUT' ? {} : undefined, 'alice')
      await town.must('POST', '/api/messages', { room, text: 'said without him' }, 'carol')

      const outside = await town.connect('bob', options)
      expect(await outside.subscribe([`rooms/${room}/messages`, 'rooms/+/text'], 1)).toEqual([128, 1])
      expect(await heardBy([outside], room)).toEqual([false])
      await outside.disconnect()

      if (method === 'PUT') await town.must('DELETE', `/api/rooms/${room}/bans/bob`, undefined, 'alice')
      await town.must('PUT', `/api/rooms/${room}/members/bob`, {}, 'alice')
      const back = await town.connect('bob', options)
      expect(await back.subscribe([`rooms/${room}/messages`], 1)).toEqual([1])
      expect(await heardBy([back], room)).toEqual([true])
      expect(back.texts(room)).toEqual([expect.stringContaining('life')])
    },
  )
})

describe('who stays and may less', () => {
  const ways: [string, (room: string) => [string, string, object], string, string][] = [
    ['a reader', (room) => ['PUT', `/api/rooms/${room}/members/bob`, { role: 'reader' }], 'forbidden', 'forbidden'],
    ['muted', (room) => ['PUT', `/api/rooms/${room}/mutes/bob`, {}], 'muted', 'muted'],
    ['in an archived room', (room) => ['PATCH', `/api/rooms/${room}`, { archived: true }], 'room_archived', ''],
    [
      'where only admins write',
      (room) => ['PATCH', `/api/rooms/${room}`, { settings: { permissions: { write: 'admin' } } }],
      'forbidden',
      'said',
    ],
  ]
  test.each(ways)('[P6] %s, his sends are refused at once; he reads on', async (_, way, code, react) => {
    const room = await makeRoom()
    const clients = await everywhere('bob', room)
    await allAnswer(clients, room, 'said')
    const [method, path, body] = way(room)
    await within1s(method, path, body, 'alice', () => allAnswer(clients, room, code))
    if (react !== '') {
      expect(await answerTo(clients[0] as RawClient, room, { type: 'react', seq: 5, emoji: '+' })).toBe(react)
      expect(await heardBy(clients, room, 'alice')).toEqual([true, true])
    }
    expect((await town.request('GET', `/api/messages?room=${room}`, undefined, 'bob')).status).toBe(200)
    expect(await (clients[1] as RawClient).subscribe([`rooms/${room}/compact`], 1)).toEqual([1])
  })

  test('[P6] [MOD3] a mute ends by itself, and is lifted at once', async () => {
    const room = await makeRoom()
    const clients = await everywhere('bob', room)
    const until = Date.now() + 700
    await town.must('PUT', `/api/rooms/${room}/mutes/bob`, { until }, 'alice')
    let answer = 'muted'
    while (answer === 'muted') answer = await answerTo(clients[0] as RawClient, room)
    expect(answer).toBe('said')
    expect(Date.now()).toBeGreaterThanOrEqual(until)
    await town.must('PUT', `/api/rooms/${room}/mutes/bob`, {}, 'alice')
    await allAnswer(clients, room, 'muted')
    await within1s('DELETE', `/api/rooms/${room}/mutes/bob`, undefined, 'alice', () => allAnswer(clients, room, 'said'))
  })

  test('[P6] [SET3] what is brought back takes messages at once', async () => {
    const room = await makeRoom()
    const clients = await everywhere('bob', room)
    await town.must('PATCH', `/api/rooms/${room}`, { archived: true }, 'alice')
    await allAnswer(clients, room, 'room_archived')
    await within1s('PATCH', `/api/rooms/${room}`, { archived: false }, 'alice', () => allAnswer(clients, room, 'said'))
  })
})

describe('slow mode', () => {
  test('[SET4] holds over all of his connections at once, and says how long', async () => {
    const room = await makeRoom()
    await town.must('PATCH', `/api/rooms/${room}`, { settings: { slowMode: 60 } }, 'alice')
    const clients = await everywhere('bob', room)
    const sends = clients.flatMap((client) => Array.from({ length: 10 }, () => answerTo(client, room)))
    const overHttp = Array.from({ length: 10 }, () =>
      town
        .request('POST', '/api/messages', { room, text: 'http' }, 'bob')
        .then(({ status }) => (status === 201 ? 'said' : 'rate_limited')),
    )
    const answers = await Promise.all([...sends, ...overHttp])
    expect(answers.filter((answer) => answer === 'said')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'rate_limited')).toHaveLength(29)
    const { body } = await town.request('POST', '/api/messages', { room, text: 'http' }, 'bob')
    const { retryAfterMs } = (body as { error: { retryAfterMs: number } }).error
    expect(retryAfterMs).toBeGreaterThan(30_000)
    expect(retryAfterMs).toBeLessThanOrEqual(60_000)
    expect(await answerTo(clients[0] as RawClient, room, { type: 'react', seq: 6, emoji: '+' })).toBe('said')
  })

  test('[SET4] outlives a restart of the server', async () => {
    const own = await Town.open({ users: ['alice', 'bob'], rooms: { ops: ['alice', 'bob'] } })
    try {
      await own.must('PATCH', '/api/rooms/ops', { settings: { slowMode: 600 } }, 'alice')
      await own.must('POST', '/api/messages', { room: 'ops', text: 'first', id: 'm1' }, 'bob')
      await own.crash()
      const send = (fields: object) => own.request('POST', '/api/messages', { room: 'ops', ...fields }, 'bob')
      expect((await send({ text: 'second', id: 'm2' })).body).toMatchObject({ error: { code: 'rate_limited' } })
      expect((await send({ text: 'first', id: 'm1' })).status).toBe(201) // the same message, not a second one
      expect((await own.log('ops', 'alice')).filter(({ type }) => type === 'message')).toHaveLength(1)
    } finally {
      await own.close()
    }
  }, 90_000)
})
