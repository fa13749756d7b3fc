/** What filters mean over time, and the three spellings of one log. */
import { encode } from 'cborg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { decodeCompact } from '../../protocol/compact.ts'
import type { RawClient } from './raw-client.ts'
import { Town } from './town.ts'

let town: Town
let rooms = 0

beforeAll(async () => {
  town = await Town.open({ users: ['alice', 'bob', 'carol'], environment: { LIMIT_SEND_PER_SECOND: '0' } })
})
afterAll(() => town?.close())
afterEach(() => town.hangUp())

async function makeRoom(members = ['alice', 'bob'], kind: 'public' | 'private' = 'private'): Promise<string> {
  const room = `room-${++rooms}`
  await town.makeRoom(room, members, kind)
  return room
}

const say = async (room: string, text: string): Promise<number> =>
  (await town.must('POST', '/api/messages', { room, text }, 'alice')).body.seq as number
const heard = (client: RawClient, text: string) => client.message((message) => message.text.includes(text))

describe.each(['tcp', 'websocket'] as const)('over %s', (transport) => {
  test('[TOP4] rooms/+/... means my rooms, those joined later and not those left', async () => {
    const first = await makeRoom()
    const bob = await town.connect('bob', { transport })
    const durable = await town.connect('bob', { transport, clientId: 'durable', clean: false })
    expect(await bob.subscribe(['rooms/+/messages', 'rooms/+/presence/+', 'rooms/+/state'])).toEqual([0, 0, 0])
    expect(await durable.subscribe('rooms/+/messages', 1)).toEqual([1])
    await say(first, 'in the first')
    await heard(bob, 'in the first')

    const added = await makeRoom(['alice', 'carol'])
    await say(added, 'before he came')
    await town.must('PUT', `/api/rooms/${added}/members/bob`, {}, 'alice')
    await bob.message(({ topic, retain }) => topic === `rooms/${added}/state` && retain)
    await bob.message(({ topic, retain }) => topic === `rooms/${added}/presence/alice` && retain)
    await say(added, 'after he came')
    await heard(bob, 'after he came')
    await heard(durable, 'after he came')

    const open = await makeRoom(['alice'], 'public')
    await say(open, 'not joined')
    await bob.ask('bob', 'join', { room: open })
    await bob.message(({ topic, retain }) => topic === `rooms/${open}/state` && retain)
    await say(open, 'joined')
    await heard(bob, '"joined"')

    await bob.ask('bob', 'leave', { room: open })
    await say(open, 'left')
    await bob.ask('bob', 'create-room', { room: `own-${transport}`, name: 'Own', kind: 'private' })
    await bob.message(({ topic, retain }) => topic === `rooms/own-${transport}/state` && retain)
    await bob.publish(`rooms/own-${transport}/send`, 'in his own')
    await heard(bob, 'in his own')
    await heard(durable, 'in his own')

    const texts = [first, added, open, `own-${transport}`].flatMap((room) => bob.texts(room))
    expect(texts).toEqual(['in the first', 'after he came', 'joined', 'in his own'])
  })

  test('[TOP8] overlapping filters deliver once for each view, at the highest QoS granted', async () => {
    const room = await makeRoom()
    const bob = await town.connect('bob', { transport })
    await bob.subscribe([`rooms/${room}/messages`, 'rooms/+/messages', `rooms/${room}/#`], 0)
    expect(await bob.subscribe('rooms/+/#', 1)).toEqual([1])
    await bob.subscribe(`rooms/${room}/messages`, 0)
    const seq = await say(room, 'once')
    await say(room, 'twice')
    for (const view of ['messages', 'compact', 'text']) {
      const came = await bob.count(`rooms/${room}/${view}`, 2)
      expect(came).toHaveLength(2)
      expect(came.map(({ qos }) => qos)).toEqual([1, 1])
    }
    await bob.ping()
    expect(bob.events(room).map((event) => event.seq)).toEqual([seq, seq + 1])
    expect(bob.on(`rooms/${room}/text`)).toHaveLength(2)

    await bob.unsubscribe('rooms/+/#')
    await say(room, 'still there')
    await heard(bob, 'alice: still there')
    expect(bob.on(`rooms/${room}/messages`).at(-1)?.qos).toBe(0)
    await bob.unsubscribe(`rooms/${room}/#`, 'rooms/+/messages', `rooms/${room}/messages`, 'never/asked')
    await bob.subscribe('rooms/+/text')
    await say(room, 'text alone')
    await heard(bob, 'alice: text alone')
    await bob.ping()
    expect(bob.texts(room)).toEqual(['once', 'twice', 'still there'])
  })

  test('[VIEW1] messages, compact and text are the same log', async () => {
    const room = await makeRoom()
    const [alice, bob] = [await town.connect('alice', { transport }), await town.connect('bob', { transport })]
    await bob.subscribe([`rooms/${room}/messages`, `rooms/${room}/compact`, `rooms/${room}/text`], 1)
    await alice.publish(`rooms/${room}/send`, { type: 'message', id: 'c1', text: 'héllo', colour: 'red' })
    await alice.publish(`rooms/${room}/send`, '{"temp":21.5}')
    const seq = (await town.log(room, 'bob')).find(({ id }) => id === 'c1')?.seq as number
    await alice.publish(`rooms/${room}/send`, { type: 'react', seq, emoji: '👍' })
    await alice.publish(`rooms/${room}/send`, { type: 'edit', seq, text: 'hello' })
    await town.must('PATCH', `/api/rooms/${room}`, { name: 'Renamed' }, 'alice')
    await alice.publish(`rooms/${room}/send`, 'the end')
    await heard(bob, 'alice: the end')
    await bob.count(`rooms/${room}/compact`, 6)

    const log = (await town.log(room, 'bob')).filter((event) => event.seq >= seq)
    expect(bob.events(room)).toEqual(log)
    const compact = bob.on(`rooms/${room}/compact`).map(({ payload }) => decodeCompact(payload))
    expect(compact).toEqual(log.map(({ id: _id, ...event }) => ({ ...event, at: Math.floor(event.at / 1000) * 1000 })))
    expect(bob.on(`rooms/${room}/text`).map(({ text }) => text)).toEqual([
      ...['alice: héllo', 'alice: {"temp":21.5}', 'alice: * hello', 'alice: the end'],
    ])
    expect(log[1]).toMatchObject({ text: '{"temp":21.5}', data: { temp: 21.5 } })
  })

  test('[CBR3] a command in CBOR is answered with its seq', async () => {
    const room = await makeRoom()
    const bob = await town.connect('bob', { transport, clientId: 'sensor' })
    const command = (entries: [number, unknown][]) => Buffer.from(encode(new Map(entries)))
    await bob.publish(
      `rooms/${room}/send`,
      command([
        [0, 'c7'],
        [5, 'twenty-one degrees'],
      ]),
    )
    const answer = JSON.parse((await heard(bob, 'accepted')).text)
    expect(answer).toEqual({ type: 'accepted', id: 'c7', room, seq: expect.any(Number) })
    await bob.publish(
      `rooms/${room}/send`,
      command([
        [2, 7],
        [8, answer.seq],
        [5, 'twenty-two'],
      ]),
    )
    await bob.publish(`rooms/${room}/send`, command([[5, 'no id, no answer']]))
    await bob.ping()
    expect(bob.messages).toHaveLength(1)
    expect((await town.log(room, 'alice')).slice(-3)).toMatchObject([
      { seq: answer.seq, id: 'c7', from: 'bob', text: 'twenty-one degrees' },
      { type: 'edited', target: answer.seq, text: 'twenty-two' },
      { type: 'message', text: 'no id, no answer' },
    ])
  })
})

test('[VIEW1] large messages and long runs arrive whole, whatever the frame sizes', async () => {
  const room = await makeRoom()
  const readers = await Promise.all(
    (['tcp', 'websocket'] as const).flatMap((transport) =>
      ([0, 1] as const).map(async (qos) => {
        const reader = await town.connect('bob', { transport, clientId: `${transport}-${qos}` })
        await reader.subscribe(`rooms/${room}/messages`, qos)
        return reader
      }),
    ),
  )
  const alice = await town.connect('alice')
  const texts = Array.from({ length: 60 }, (_, i) => `${i} ${'x'.repeat((i * 277) % 16_000)}`)
  await Promise.all(texts.map((text) => alice.publish(`rooms/${room}/send`, { type: 'message', text })))
  for (const reader of readers) {
    await reader.count(`rooms/${room}/messages`, 60)
    expect(reader.texts(room)).toEqual(texts)
  }
})

test('[TOP9] a public room is read by name without joining, and written by members alone', async () => {
  const room = await makeRoom(['alice'], 'public')
  const carol = await town.connect('carol')
  expect(await carol.subscribe([`rooms/${room}/messages`, `rooms/${room}/#`, 'rooms/+/messages'], 1)).toEqual([1, 1, 1])
  await carol.message(({ topic, retain }) => topic === `rooms/${room}/state` && retain)
  await say(room, 'for everybody')
  await heard(carol, 'for everybody')
  await carol.publish(`rooms/${room}/send`, 'from outside')
  await heard(carol, 'not_member')
  await carol.unsubscribe(`rooms/${room}/messages`, `rooms/${room}/#`)
  await say(room, 'not by the plus')
  const own = await makeRoom(['alice', 'carol'])
  await say(own, 'by the plus')
  await heard(carol, 'by the plus')
  expect(carol.texts(room)).toEqual(['for everybody'])
})
