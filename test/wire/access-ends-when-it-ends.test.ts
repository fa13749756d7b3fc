/** Who is removed hears nothing more, and whose credential has ended is disconnected. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RawClient } from './raw-client.ts'
import { Town } from './town.ts'

let town: Town
let rooms = 0

beforeAll(async () => {
  town = await Town.open({
    users: ['alice', 'bob', 'carol'],
    environment: { LIMIT_SEND_PER_SECOND: '0' },
  })
})
afterAll(() => town?.close())
afterEach(() => town.hangUp())

async function makeRoom(kind: 'public' | 'private' = 'private'): Promise<string> {
  const room = `room-${++rooms}`
  await town.makeRoom(room, ['alice', 'bob', 'carol'], kind)
  return room
}

const say = async (room: string, text: string): Promise<void> => {
  await town.must('POST', '/api/messages', { room, text }, 'alice')
}

/** Everything happens in the room; when a member has heard the last of it, so has everybody who hears anything. */
async function life(room: string, text: string): Promise<void> {
  const witness = await town.connect('carol', { clientId: `witness-${text.replaceAll(' ', '-')}` })
  await witness.subscribe(`rooms/${room}/#`)
  await town.must('POST', `/api/rooms/${room}/mark`, { read: 3 }, 'carol')
  await town.must('PATCH', `/api/rooms/${room}`, { topicLine: text }, 'alice')
  await witness.publish(`rooms/${room}/typing`, '1')
  await say(room, text)
  await witness.message((message) => message.text.includes(text) && message.topic.endsWith('/messages'))
  await witness.disconnect()
}

const about = (client: RawClient, room: string) =>
  client.messages.filter(({ topic }) => topic.startsWith(`rooms/${room}/`))

describe('removal from a room', () => {
  const filtersOf = (room: string): [string, string[]][] => [
    ['by name', [`rooms/${room}/messages`, `rooms/${room}/compact`, `rooms/${room}/text`, `rooms/${room}/state`]],
    ['all of it', [`rooms/${room}/#`]],
    ['its people', [`rooms/${room}/presence/+`, `rooms/${room}/typing/+`, `rooms/${room}/receipts/carol`]],
    ['my rooms', ['rooms/+/messages', 'rooms/+/presence/+', 'rooms/+/state']],
    ['all of my rooms', ['rooms/+/#']],
  ]

  test.each([0, 1] as const)(
    '[P6] silences every kind of filter at QoS %i at once; the connection stays',
    async (qos) => {
      const room = await makeRoom()
      const clients: RawClient[] = []
      for (const transport of ['tcp', 'websocket'] as const) {
        for (const [, filters] of filtersOf(room)) {
          const client = await town.connect('bob', {
            transport,
            clientId: `b${clients.length}`,
            clean: clients.length % 2 === 0,
          })
          expect(await client.subscribe([...filters, 'users/bob/inbox'], qos)).not.toContain(128)
          clients.push(client)
        }
      }
      await life(room, 'before')
      for (const client of clients) await client.message(({ topic }) => topic.startsWith(`rooms/${room}/`))
      await town.remove(room, 'bob', 'alice')
      await Promise.all(clients.map((client) => client.ping())) // what was written before has come
      const heard = clients.map((client) => about(client, room).length)
      await Promise.all(clients.map((client) => client.message(({ text }) => text.includes('"removed"'))))
      await life(room, 'after')
      for (const client of clients) await client.ping()
      clients.forEach((client, i) => {
        expect(about(client, room).slice(heard[i])).toEqual([])
      })
      const [one] = clients as [RawClient]
      expect(await one.subscribe([`rooms/${room}/messages`, `rooms/${room}/#`])).toEqual([128, 128])
      await one.publish(`rooms/${room}/send`, 'still here?')
      expect(JSON.parse((await one.message(({ text }) => text.includes('rejected'))).text).code).toBe('not_member')
    },
  )

  test('[P6] [CUR2] a durable cursor brings nothing later, and who comes back starts at the head', async () => {
    const room = await makeRoom()
    const options = { clientId: 'phone', clean: false }
    const before = await town.connect('bob', options)
    await before.subscribe([`rooms/${room}/messages`, 'rooms/+/text'], 1)
    await say(room, 'heard')
    await before.count(`rooms/${room}/messages`, 1)
    await before.disconnect()
    await say(room, 'missed as a member')
    await town.remove(room, 'bob', 'alice')
    await say(room, 'not his')

    const outside = await town.connect('bob', options)
    expect(await outside.subscribe([`rooms/${room}/messages`, 'rooms/+/text'], 1)).toEqual([128, 1])
    await life(room, 'not his either')
    await outside.ping()
    expect(about(outside, room)).toEqual([])
    await outside.disconnect()

    await town.must('PUT', `/api/rooms/${room}/members/bob`, {}, 'alice')
    const back = await town.connect('bob', options)
    expect(await back.subscribe([`rooms/${room}/messages`], 1)).toEqual([1])
    await say(room, 'welcome back')
    await back.message(({ text }) => text.includes('welcome back'))
    expect(back.texts(room)).toEqual(['welcome back'])
  })

  test('[P6] also while a subscription is being granted', async () => {
    for (let i = 0; i < 12; i++) {
      const room = await makeRoom()
      const client = await town.connect('bob', { clientId: `racer-${i}`, clean: false })
      const granting = client.subscribe([`rooms/${room}/messages`, `rooms/${room}/#`], 1)
      await Promise.all([town.remove(room, 'bob', 'alice'), granting])
      await life(room, `life ${i}`)
      expect(client.texts(room)).toEqual([])
      client.destroy()
      await client.closed
    }
  })

  test('[TOP9] who leaves a public room falls silent too, and may listen again by name', async () => {
    const room = await makeRoom('public')
    const bob = await town.connect('bob', { clientId: 'leaver' })
    await bob.subscribe([`rooms/${room}/messages`, 'rooms/+/messages'])
    await town.must('POST', `/api/rooms/${room}/leave`, undefined, 'bob')
    await life(room, 'unheard')
    await bob.ping()
    expect(bob.texts(room)).toEqual([])
    expect(await bob.subscribe(`rooms/${room}/messages`)).toEqual([0])
    await say(room, 'heard as a guest')
    await bob.message(({ text }) => text.includes('heard as a guest'))
  })

  test('[P6] a room that is deleted is silent for all, and takes nothing', async () => {
    const room = await makeRoom()
    const bob = await town.connect('bob', { clientId: 'deleted' })
    await bob.subscribe([`rooms/${room}/#`, 'rooms/+/messages'])
    await town.must('DELETE', `/api/rooms/${room}`, undefined, 'alice')
    await bob.publish(`rooms/${room}/send`, 'hello?')
    expect(JSON.parse((await bob.message(({ text }) => text.includes('rejected'))).text)).toMatchObject({
      code: 'not_member',
    })
    expect(await bob.subscribe([`rooms/${room}/messages`])).toEqual([128])
  })

  test('[P6] a role that no longer writes, writes no longer', async () => {
    const room = await makeRoom()
    const bob = await town.connect('bob', { clientId: 'reader' })
    await bob.subscribe(`rooms/${room}/messages`)
    await town.must('PUT', `/api/rooms/${room}/members/bob`, { role: 'reader' }, 'alice')
    await bob.publish(`rooms/${room}/send`, 'may I?')
    expect(JSON.parse((await bob.message(({ text }) => text.includes('rejected'))).text).code).toBe('forbidden')
    await say(room, 'you may read')
    await bob.message(({ text }) => text.includes('you may read'))
  })
})

describe('the end of a credential', () => {
  const soon = async (client: RawClient, limitMs: number): Promise<void> => {
    const began = performance.now()
    await client.closed
    expect(performance.now() - began).toBeLessThan(limitMs)
  }

  test('[AUTH2] an expired token closes, unless renewed in time', async () => {
    const expiresAt = Date.now() + 2_500
    const [short, long] = [await town.appToken('bob', { expiresAt }), await town.appToken('bob')]
    const foreign = await town.appToken('carol')
    const ending = await town.connect('bob', { clientId: 'ending', password: short.token })
    const staying = await town.connect('bob', { clientId: 'staying', password: short.token })
    expect(await staying.ask('bob', 'renew', { token: foreign.token })).toMatchObject({ ok: false })
    expect(await staying.ask('bob', 'renew', { token: 'tdt_nonsense' })).toMatchObject({ ok: false })
    expect(await staying.ask('bob', 'renew', {})).toMatchObject({ ok: false, error: { code: 'invalid_request' } })
    expect(await staying.ask('bob', 'renew', { token: long.token })).toMatchObject({
      ok: true,
      result: { expiresAt: null },
    })
    await soon(ending, 10_000)
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt)
    await staying.ping()
    expect(await (await town.open()).connect({ username: 'bob', password: short.token })).toBe(4)
    await town.must('DELETE', `/api/me/tokens/${long.id}`, undefined, 'bob')
    await soon(staying, 5_000)
  })

  test('[P6] a token for some rooms hears and writes those alone', async () => {
    const [one, two] = [await makeRoom(), await makeRoom()]
    const scoped = await town.appToken('bob', { rooms: [one] })
    const client = await town.connect('bob', { clientId: 'scoped', password: scoped.token })
    expect(await client.subscribe([`rooms/${one}/messages`, `rooms/${two}/messages`, 'rooms/+/#'], 1)).toEqual([
      1, 128, 1,
    ])
    await life(two, 'out of scope')
    await life(one, 'in scope')
    await client.message(({ text }) => text.includes('in scope'))
    expect(about(client, two)).toEqual([])
    await client.publish(`rooms/${two}/send`, 'x')
    expect(JSON.parse((await client.message(({ text }) => text.includes('rejected'))).text).code).toBe('out_of_scope')
    const reading = await town.appToken('bob', { access: 'read' })
    const reader = await town.connect('bob', { clientId: 'reader', password: reading.token })
    expect(await reader.subscribe(`rooms/${one}/messages`)).toEqual([0])
    await reader.publish(`rooms/${one}/send`, 'x')
    expect(JSON.parse((await reader.message(({ text }) => text.includes('rejected'))).text).code).toBe('out_of_scope')
    expect(await reader.ask('bob', 'rooms')).toMatchObject({ ok: true })
    expect(await reader.ask('bob', 'leave', { room: one })).toMatchObject({
      ok: false,
      error: { code: 'out_of_scope' },
    })
  })
})
