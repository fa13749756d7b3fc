/** Retained topics are answered from the present; presence follows the connections; typing passes. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { TcpProxy } from '../proxy.ts'
import type { Message, RawClient } from './raw-client.ts'
import { Town } from './town.ts'

let town: Town
let proxy: TcpProxy

beforeAll(async () => {
  town = await Town.open({
    users: ['alice', 'bob', 'carol', 'dave'],
    rooms: { kitchen: ['alice', 'bob', 'carol'], attic: ['alice', 'bob'] },
    environment: { LIMIT_SEND_PER_SECOND: '0' },
  })
  proxy = await TcpProxy.start(town.product.mqttPort)
})
afterAll(async () => {
  await proxy?.close()
  await town?.close()
})
afterEach(() => town.hangUp())

const json = ({ text }: Message) => JSON.parse(text)
/** The next message of a topic that is as wanted, not counting those that are there already. */
function next(client: RawClient, topic: string, wanted: (value: Record<string, unknown>) => boolean): Promise<Message> {
  const before = client.messages.length
  return client.until(
    () => client.messages.slice(before).find((message) => message.topic === topic && wanted(json(message))),
    `a message on ${topic}`,
  )
}

test('[RET1] the state of a room comes with the retain flag at once, and without it when it changes', async () => {
  const bob = await town.connect('bob')
  await bob.subscribe('rooms/kitchen/state')
  const [first] = await bob.count('rooms/kitchen/state', 1)
  expect(first).toMatchObject({ retain: true, qos: 0 })
  expect(json(first as Message)).toMatchObject({
    ...{ id: 'kitchen', name: 'kitchen', topicLine: '', kind: 'private', epoch: 1, members: 3 },
    ...{ head: expect.any(Number), settings: { history: 'all' } },
  })
  const changed = next(bob, 'rooms/kitchen/state', ({ topicLine }) => topicLine === 'soup')
  await town.must('PATCH', '/api/rooms/kitchen', { topicLine: 'soup' }, 'alice')
  expect(await changed).toMatchObject({ retain: false })

  await bob.subscribe('rooms/+/state')
  const again = await bob.until(() => {
    const retained = bob.messages.filter(({ topic, retain }) => retain && topic.endsWith('/state'))
    return retained.length >= 3 ? retained : undefined
  }, 'the states of all rooms')
  expect(new Set(again.map(({ topic }) => topic))).toEqual(new Set(['rooms/kitchen/state', 'rooms/attic/state']))
  expect(json(again.find(({ text }) => text.includes('soup')) as Message)).toMatchObject({ topicLine: 'soup' })
})

test('[RET1] [PRE1] who is here comes with the retain flag, everybody once, and then changes without it', async () => {
  const alice = await town.connect('alice', { clientId: 'alice-1' })
  const bob = await town.connect('bob')
  await bob.subscribe('rooms/kitchen/presence/+')
  await bob.until(() => (bob.messages.length >= 3 ? true : undefined), 'three presences')
  const retained = bob.messages.filter(({ retain }) => retain)
  expect(retained.map(({ topic }) => topic).sort()).toEqual(
    ['alice', 'bob', 'carol'].map((user) => `rooms/kitchen/presence/${user}`),
  )
  const of = (user: string) => json(retained.find(({ topic }) => topic.endsWith(`/${user}`)) as Message)
  expect(of('alice')).toMatchObject({ state: 'online', since: expect.any(Number) })
  expect(of('carol')).toMatchObject({ state: 'offline' })

  const second = await town.connect('alice', { clientId: 'alice-2' })
  await alice.disconnect()
  const offline = next(bob, 'rooms/kitchen/presence/alice', ({ state }) => state === 'offline')
  await second.publish('users/alice/status', { state: 'busy', text: 'cooking' })
  const busy = await bob.message(({ topic, text }) => topic.endsWith('/alice') && text.includes('cooking'))
  expect(busy.retain).toBe(false)
  expect(json(busy)).toMatchObject({ state: 'busy', text: 'cooking' })
  expect(bob.messages.filter(({ topic, text }) => topic.endsWith('/alice') && text.includes('offline'))).toEqual([])
  await second.disconnect()
  expect(json(await offline)).toMatchObject({ state: 'offline', lastSeen: expect.any(Number) })
  expect((await offline).retain).toBe(false)
})

test('[PRE1] one filter names one person, and strangers’ presence stays theirs', async () => {
  const carol = await town.connect('carol')
  expect(
    await carol.subscribe(['rooms/kitchen/presence/alice', 'rooms/attic/presence/alice', 'rooms/+/presence/bob']),
  ).toEqual([0, 128, 0])
  await carol.until(() => (carol.messages.length >= 2 ? true : undefined), 'two presences')
  await carol.subscribe('rooms/kitchen/presence/carol')
  await carol.message(({ topic }) => topic === 'rooms/kitchen/presence/carol')
  const topics = carol.messages.map(({ topic }) => topic).sort()
  expect(topics).toEqual(['alice', 'bob', 'carol'].map((user) => `rooms/kitchen/presence/${user}`))
})

test('[PRE1] a half-open connection ends within 1.5 x keep-alive and 5 s', async () => {
  const witness = await town.connect('bob')
  await witness.subscribe('rooms/kitchen/presence/carol')
  const carol = await town.connect('carol', { keepalive: 2, port: proxy.port })
  const { topic } = await witness.message(({ text }) => text.includes('"online"'))
  proxy.becomeHalfOpen()
  const began = performance.now()
  await next(witness, topic, ({ state }) => state === 'offline')
  const took = performance.now() - began
  expect(took).toBeLessThan(2 * 1_500 + 5_000)
  expect(took).toBeGreaterThan(500)
  expect(carol.isClosed).toBe(false)
})

test('[PRE1] a connection that pings is alive', async () => {
  const carol = await town.connect('carol', { keepalive: 1 })
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 500)) // the time that must pass is what this is about
    await carol.ping()
  }
  expect(carol.isClosed).toBe(false)
})

test('[TYP1] typing is told to the room, taken back by 0, and after 6 s by itself', async () => {
  const [alice, bob] = [await town.connect('alice'), await town.connect('bob')]
  await bob.subscribe('rooms/kitchen/typing/+')
  const topic = 'rooms/kitchen/typing/alice'
  await alice.publish('rooms/kitchen/typing', '1')
  await bob.count(topic, 1)
  await alice.publish('rooms/kitchen/typing', '0')
  await bob.count(topic, 2)
  await alice.publish('rooms/kitchen/typing', '1', { retain: true })
  await bob.count(topic, 3)
  const began = performance.now()
  const late = await town.connect('carol')
  await late.subscribe('rooms/kitchen/typing/+')
  await bob.count(topic, 4)
  expect(performance.now() - began).toBeGreaterThan(5_000)
  expect(performance.now() - began).toBeLessThan(8_000)
  expect(bob.messages.map(({ text }) => text)).toEqual(['1', '0', '1', '0'])
  expect(bob.messages.filter(({ retain }) => retain)).toEqual([])
  expect((await late.count(topic, 1)).map(({ text }) => text)).toEqual(['0'])
  const log = await town.log('kitchen', 'alice')
  expect(log.filter(({ type }) => type.includes('typ'))).toEqual([])
})

test('[RCP1] marks move forward only, and the room is told', async () => {
  const [alice, bob] = [await town.connect('alice'), await town.connect('bob')]
  await bob.subscribe('rooms/attic/receipts/+')
  for (const text of ['one', 'two', 'three']) await alice.publish('rooms/attic/send', text)
  await alice.publish('rooms/attic/mark', '{"read":2,"delivered":3}')
  await alice.publish('rooms/attic/mark', '{"read":1,"delivered":1}')
  await alice.publish('rooms/attic/mark', '{"read":3}')
  const done = await bob.message(({ text }) => json({ text } as Message).read === 3)
  expect(json(done)).toEqual({ read: 3, delivered: 3 })
  const receipts = bob.on('rooms/attic/receipts/alice').map(json)
  for (const [i, { read, delivered }] of receipts.entries()) {
    expect(read).toBeGreaterThanOrEqual(receipts[i - 1]?.read ?? 0)
    expect(delivered).toBeGreaterThanOrEqual(receipts[i - 1]?.delivered ?? 0)
  }
  await alice.publish('rooms/attic/mark', '{"read":100000}')
  const { body } = await town.must('GET', '/api/rooms/attic', undefined, 'bob')
  await alice.publish('rooms/attic/mark', '{"delivered":100000}')
  const last = await bob.message(({ text }) => json({ text } as Message).delivered === body.head)
  expect(body.head).toBe(6)
  expect(json(last)).toEqual({ read: 6, delivered: 6 })
})

test('[INB1] the inbox says what concerns one: added, role, mention, read elsewhere, removed', async () => {
  const dave = await town.connect('dave', { clientId: 'inbox' })
  const other = await town.connect('dave', { clientId: 'other' })
  await dave.subscribe('users/dave/inbox')
  const notice = (type: string) => dave.message(({ text }) => json({ text } as Message).type === type).then(json)
  await town.must('PUT', '/api/rooms/kitchen/members/dave', {}, 'alice')
  expect(await notice('added')).toEqual({ type: 'added', room: 'kitchen', role: 'member', by: 'alice' })
  await town.must('PUT', '/api/rooms/kitchen/members/dave', { role: 'admin' }, 'alice')
  expect(await notice('role')).toMatchObject({ room: 'kitchen', role: 'admin', by: 'alice' })
  const { body } = await town.must('POST', '/api/messages', { room: 'kitchen', text: 'hi @dave' }, 'alice')
  expect(await notice('mention')).toMatchObject({ room: 'kitchen', seq: body.seq, from: 'alice' })
  await other.publish('rooms/kitchen/mark', { read: body.seq })
  expect(await notice('read')).toMatchObject({ room: 'kitchen', read: body.seq, unread: 0, mentions: 0 })
  await town.remove('kitchen', 'dave', 'alice')
  expect(await notice('removed')).toEqual({ type: 'removed', room: 'kitchen', by: 'alice' })
  expect(other.messages).toEqual([])
})

test('[INB1] who hears the inbox and no view of a room is told what waits there, once a second at most', async () => {
  await town.makeRoom('cellar', ['alice', 'bob'])
  const alice = await town.connect('alice')
  const bob = await town.connect('bob', { clientId: 'phone' })
  await bob.subscribe(['users/bob/inbox', 'rooms/kitchen/messages'])
  const before = Date.now()
  const sends = Array.from({ length: 40 }, (_, i) => [
    alice.publish('rooms/cellar/send', i === 7 ? '@bob 7' : `${i}`, { qos: 1 }),
    alice.publish('rooms/kitchen/send', `${i}`, { qos: 1 }),
  ])
  await Promise.all(sends.flat())
  const unread = () => bob.messages.map(json).filter(({ type }) => type === 'unread')
  await bob.until(() => unread().find(({ unread }) => unread === 40), 'the last count')
  const seconds = Math.ceil((Date.now() - before) / 1000)
  expect(unread().length).toBeLessThanOrEqual(seconds + 1)
  expect(new Set(unread().map(({ room }) => room))).toEqual(new Set(['cellar'])) // the kitchen is followed
  expect(unread().at(-1)).toEqual({ type: 'unread', room: 'cellar', head: 43, unread: 40, mentions: 1 })

  await town.remove('cellar', 'bob', 'alice')
  await alice.publish('rooms/cellar/send', 'he is gone', { qos: 1 })
  await town.must('PUT', '/api/rooms/cellar/members/bob', { role: 'member' }, 'alice')
  await alice.publish('rooms/cellar/send', 'he is back', { qos: 1 })
  await bob.until(() => unread().find(({ unread }) => unread === 1), 'the count after the return')
  expect(unread().filter(({ head }) => head === 45)).toEqual([])
})
