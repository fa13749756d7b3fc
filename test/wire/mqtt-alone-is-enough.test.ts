/** Everything that a member does in a room, with an MQTT library and nothing else. */
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Town } from './town.ts'

let town: Town
let client: MqttClient
const seen: { topic: string; text: string }[] = []
const waiting = new Set<() => void>()
let requests = 0

/** What the tests look at in the results of operations. */
type Result = { head?: number; messages?: { type: string }[]; rooms?: { id: string }[]; members?: object[] }

beforeAll(async () => {
  town = await Town.open({ users: ['alice', 'bob'], rooms: { kitchen: ['alice', 'bob'] } })
  client = await mqtt.connectAsync(`mqtt://127.0.0.1:${town.product.mqttPort}`, {
    protocolVersion: 4,
    username: 'alice',
    password: town.token('alice'),
    clientId: 'script',
  })
  client.on('message', (topic, payload) => {
    seen.push({ topic, text: payload.toString() })
    for (const look of waiting) look()
  })
})
afterAll(async () => {
  await client?.endAsync(true)
  await town?.close()
})

/** The first message that is wanted, from now or before. */
function heard(wanted: (topic: string, text: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    const look = () => {
      const found = seen.find(({ topic, text }) => wanted(topic, text))
      if (found === undefined) return
      waiting.delete(look)
      resolve(found.text)
    }
    waiting.add(look)
    look()
  })
}

async function ask(op: string, input: object = {}): Promise<Result> {
  const id = `r${++requests}`
  await client.publishAsync('users/alice/requests', JSON.stringify({ id, op, ...input }), { qos: 1 })
  const reply = JSON.parse(await heard((topic, text) => topic.endsWith('/replies') && JSON.parse(text).id === id))
  if (!reply.ok) throw new Error(`${op}: ${reply.error.code}`)
  return reply.result
}

const send = (command: object) => client.publishAsync('rooms/kitchen/send', JSON.stringify(command), { qos: 1 })
const event = async (type: string): Promise<Record<string, unknown>> =>
  JSON.parse(await heard((topic, text) => topic === 'rooms/kitchen/messages' && JSON.parse(text).type === type))

test('[P8] a library and a token are all that a member needs', async () => {
  await client.subscribeAsync(['users/alice/devices/+/replies', 'rooms/+/messages'], { qos: 1 })

  const { rooms } = await ask('rooms')
  expect(rooms).toMatchObject([{ id: 'kitchen', kind: 'private', role: 'owner', members: 2 }])

  await send({ type: 'message', id: 'm1', text: 'soup is ready' })
  const message = await event('message')
  expect(message).toMatchObject({ id: 'm1', from: 'alice', text: 'soup is ready' })
  const seq = message.seq as number

  await send({ type: 'edit', seq, text: 'soup was ready' })
  expect(await event('edited')).toMatchObject({ target: seq, text: 'soup was ready' })
  await send({ type: 'react', seq, emoji: '🍲' })
  expect(await event('reacted')).toMatchObject({ target: seq, emoji: '🍲' })
  await send({ type: 'pin', seq })
  expect(await event('pinned')).toMatchObject({ target: seq })

  const page = await ask('history', { room: 'kitchen', limit: 10 })
  expect(page.head).toBe(seq + 3)
  const types = page.messages?.map(({ type }) => type)
  expect(types).toEqual(['created', 'joined', 'joined', 'message', 'edited', 'reacted', 'pinned'])

  await send({ type: 'delete', seq })
  expect(await event('deleted')).toMatchObject({ target: seq })
  const { messages } = await ask('history', { room: 'kitchen', after: seq - 1, limit: 1 })
  expect(messages).toEqual([{ seq, type: 'message', from: 'alice', at: expect.any(Number), text: '', deleted: true }])

  await client.subscribeAsync('rooms/kitchen/receipts/+')
  await client.publishAsync('rooms/kitchen/mark', `{"read":${seq},"delivered":${seq}}`, { qos: 1 })
  expect(await heard((topic) => topic === 'rooms/kitchen/receipts/alice')).toBe(`{"read":${seq},"delivered":${seq}}`)
  const sync = await ask('sync')
  expect(sync.rooms).toMatchObject([{ id: 'kitchen', read: seq, unread: 0 }])

  await client.subscribeAsync('rooms/kitchen/presence/+')
  const here = JSON.parse(await heard((topic) => topic === 'rooms/kitchen/presence/alice'))
  expect(here).toMatchObject({ state: 'online', since: expect.any(Number) })
  expect(await ask('presence', { room: 'kitchen' })).toMatchObject({
    alice: { state: 'online' },
    bob: { state: 'offline' },
  })
})

test('[P8] rooms are made, joined and left, and members come and go', async () => {
  const made = await ask('create-room', { room: 'garden', name: 'Garden', kind: 'private' })
  expect(made).toMatchObject({ id: 'garden', name: 'Garden', role: 'owner' })
  await ask('put-member', { room: 'garden', user: 'bob', role: 'admin' })
  const { members } = await ask('members', { room: 'garden' })
  expect(members).toMatchObject([
    { user: 'alice', role: 'owner' },
    { user: 'bob', role: 'admin' },
  ])
  await ask('update-room', { room: 'garden', topicLine: 'tomatoes' })
  await ask('put-member', { room: 'garden', user: 'bob', role: 'owner' })
  await ask('leave', { room: 'garden' })
  const { rooms } = await ask('rooms')
  expect(rooms?.map(({ id }) => id)).toEqual(['kitchen'])
  const types = seen.filter(({ topic }) => topic === 'rooms/garden/messages').map(({ text }) => JSON.parse(text).type)
  expect(types.slice(-3)).toEqual(['changed', 'role', 'left'])
})

test('[REQ2] a request that is wrong is answered with a code', async () => {
  await expect(ask('history', { room: 'no-such-room' })).rejects.toThrow('not_member')
  await expect(ask('fly')).rejects.toThrow('unknown_operation')
  await expect(ask('login', { username: 'alice', password: 'x' })).rejects.toThrow('unknown_operation')
  await expect(ask('history', { room: 'kitchen', limit: -1 })).rejects.toThrow('invalid_request')
})
