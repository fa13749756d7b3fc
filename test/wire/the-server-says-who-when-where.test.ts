/** Sender, time, seq and place are the server's, and nobody hears what he may not. */

import { encode } from 'cborg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { decodeCompact } from '../../protocol/compact.ts'
import type { RawClient } from './raw-client.ts'
import { Town } from './town.ts'

let town: Town
let bob: RawClient

beforeAll(async () => {
  town = await Town.open({
    users: ['alice', 'bob', 'mallory'],
    rooms: { kitchen: ['alice', 'bob'], secret: ['alice', 'bob'], yard: ['mallory', 'bob'] },
    environment: { LIMIT_SEND_PER_SECOND: '0' },
  })
})
afterAll(() => town?.close())
beforeEach(async () => {
  town.hangUp()
  bob = await town.connect('bob', { clientId: 'witness' })
  await bob.subscribe(['rooms/+/#', 'users/bob/#'])
})

let marks = 0
/** All that was archived before is delivered before this is. */
async function settled(room: string, reader: RawClient, sender: string): Promise<void> {
  const text = `barrier ${++marks}`
  const client = await town.connect(sender, { clientId: `barrier-${marks}` })
  await client.publish(`rooms/${room}/send`, text)
  await reader.message(({ topic, text: json }) => topic === `rooms/${room}/messages` && json.includes(`"${text}"`))
  await client.disconnect()
}

describe('forgery', () => {
  const forged = { from: 'bob', at: 1, seq: 9_999, device: 'x', target: 1, type: 'message', text: 'forged' }

  test('[P5] fields of a command do not say who, when or where', async () => {
    const alice = await town.connect('alice')
    const began = Date.now()
    await alice.publish('rooms/kitchen/send', forged)
    const cbor = encode(
      new Map<unknown, unknown>([
        ...([
          [1, 9_999],
          [3, 'bob'],
          [4, 1],
          [5, 'forged'],
        ] as [unknown, unknown][]),
        ['from', 'bob'],
        ['device', 'x'],
      ]),
    )
    await alice.publish('rooms/kitchen/send', Buffer.from(cbor))
    await town.must('POST', '/api/messages', { room: 'kitchen', ...forged }, 'alice')
    const head = (await town.log('kitchen', 'bob')).length
    const events = (await town.log('kitchen', 'bob')).filter(({ text }) => text === 'forged')
    expect(events.map(({ seq }) => seq)).toEqual([head - 2, head - 1, head])
    for (const event of events) {
      expect(event).toMatchObject({ from: 'alice', type: 'message' })
      expect(event.at).toBeGreaterThanOrEqual(began)
      expect(event.at).toBeLessThanOrEqual(Date.now())
      expect(event).not.toHaveProperty('device')
      expect(event).not.toHaveProperty('target')
    }
    await bob.message(({ topic, payload }) => topic === 'rooms/kitchen/compact' && decodeCompact(payload)?.seq === head)
  })

  test('[P5] a change of one’s own message is not one of another’s', async () => {
    const [alice, own] = [await town.connect('alice'), await town.connect('bob')]
    await alice.publish('rooms/kitchen/send', 'of alice')
    await own.publish('rooms/kitchen/send', 'of bob')
    const log = await town.log('kitchen', 'bob')
    const seqOf = (text: string) => log.find((event) => event.text === text)?.seq as number
    for (const type of ['edit', 'delete']) {
      const command = { type, seq: seqOf('of bob'), target: seqOf('of alice'), text: 'changed' }
      await own.publish('rooms/kitchen/send', command)
      await own.publish('rooms/kitchen/send', { ...command, seq: seqOf('of alice') })
      await own.message(({ text }) => JSON.parse(text).code === 'forbidden')
    }
    const now = await town.log('kitchen', 'bob')
    expect(now.find(({ seq }) => seq === seqOf('of alice'))).toMatchObject({ text: 'of alice', from: 'alice' })
    const changes = now.filter(({ type }) => type === 'edited' || type === 'deleted')
    expect(changes.map(({ target }) => target)).toEqual([seqOf('of bob'), seqOf('of bob')])
  })
})

describe('topics that the server writes', () => {
  const topics = [
    ...['messages', 'compact', 'text', 'state', 'presence/bob', 'typing/bob', 'receipts/bob'].map(
      (leaf) => `rooms/kitchen/${leaf}`,
    ),
    ...['users/bob/inbox', 'users/bob/devices/witness/replies', 'users/bob/devices/witness/inbox', 'users/alice/inbox'],
  ]

  test.each([0, 1, 2] as const)(
    '[TOP3] are refused at QoS %i, retained or not, and nobody gets or keeps it',
    async (qos) => {
      const alice = await town.connect('alice', { clientId: 'writer' })
      for (const topic of topics) {
        for (const retain of [false, true]) {
          await alice.publish(topic, '{"forged":true}', { qos, retain })
          const { text } = await alice.message(({ text }) => JSON.parse(text).topic === topic)
          expect(JSON.parse(text)).toMatchObject({ type: 'rejected', code: 'not_writable' })
          alice.messages.length = 0
        }
      }
      await settled('kitchen', bob, 'alice')
      expect(bob.messages.filter(({ text }) => text.includes('forged'))).toEqual([])
      const late = await town.connect('bob', { clientId: 'late' })
      await late.subscribe(['rooms/+/#', 'users/bob/#'])
      await settled('kitchen', late, 'alice')
      expect(late.messages.filter(({ text }) => text.includes('forged'))).toEqual([])
    },
  )

  test('[TOP3] a retain flag on send is cleared and the command is handled', async () => {
    const alice = await town.connect('alice')
    await alice.publish('rooms/kitchen/send', 'keep me', { retain: true })
    const live = await bob.message(
      ({ topic, text }) => topic === 'rooms/kitchen/messages' && text.includes('"keep me"'),
    )
    expect(live.retain).toBe(false)
    await alice.publish('rooms/kitchen/send', '', { retain: true })
    const late = await town.connect('bob', { clientId: 'late' })
    await late.subscribe(['rooms/kitchen/#', 'rooms/+/messages'])
    await settled('kitchen', late, 'alice')
    expect(late.texts('kitchen')).toEqual([`barrier ${marks}`])
  })
})

const FORBIDDEN = [
  ...[
    '#',
    '+',
    '+/#',
    '+/+',
    '+/+/+',
    '+/+/messages',
    '/#',
    '$SYS/#',
    '$SYS/broker/clients/total',
    '$SYS/+/new/clients',
  ],
  ...['$share/g/rooms/secret/messages', '$share/g/rooms/+/messages', '$share/g/#', '$queue/rooms/secret/messages'],
  ...[
    'rooms/#',
    'rooms/+',
    'rooms/+/+',
    'rooms/+/send',
    'rooms/secret/send',
    'rooms/secret/messages',
    'rooms/secret/#',
  ],
  ...[
    'rooms/secret/state',
    'rooms/secret/presence/+',
    'rooms/secret/typing/alice',
    'rooms/secret/+',
    'rooms/no-such-room/messages',
  ],
  ...['users/#', 'users/+/inbox', 'users/+/#', 'users/alice/#', 'users/alice/inbox', 'users/alice/devices/+/replies'],
  ...[
    'users/mallory/devices/other/replies',
    'users/mallory/requests',
    'users/mallory/status',
    'rooms/__proto__/messages',
  ],
]

describe('what a stranger may not hear', () => {
  /** Everything that could leak happens: messages, presence, typing, receipts, changes of the room, replies. */
  async function life(): Promise<void> {
    const alice = await town.connect('alice', { clientId: 'life' })
    await alice.publish('rooms/secret/send', 'the secret')
    await alice.publish('rooms/secret/typing', '1')
    await alice.publish('rooms/secret/mark', '{"read":3}')
    await alice.publish('users/alice/status', '{"state":"busy","text":"the secret"}')
    await alice.ask('alice', 'update-room', { room: 'secret', topicLine: 'the secret' })
    await alice.disconnect()
    await settled('secret', bob, 'alice')
  }

  const heardOnly = (client: RawClient): void => {
    const foreign = client.messages.filter(
      ({ topic, text }) => !/^(rooms\/yard|users\/mallory)\//.test(topic) || text.includes('the secret'),
    )
    expect(foreign).toEqual([])
  }

  test.each([0, 1, 2] as const)(
    '[TOP5] [TOP6] all forbidden filters at once and one by one, at QoS %i',
    async (qos) => {
      for (const clean of [true, false]) {
        const mallory = await town.connect('mallory', { clientId: `thief-${qos}-${clean}`, clean })
        const mixed = ['rooms/yard/messages', ...FORBIDDEN, 'rooms/+/messages']
        const granted = Math.min(qos, 1)
        expect(await mallory.subscribe(mixed, qos)).toEqual([granted, ...FORBIDDEN.map(() => 128), granted])
        for (const filter of FORBIDDEN) expect(await mallory.subscribe(filter, qos), filter).toEqual([128])
        await life()
        await settled('yard', mallory, 'mallory')
        heardOnly(mallory)
        await mallory.disconnect()

        await life()
        const again = await town.connect('mallory', { clientId: `thief-${qos}-${clean}`, clean })
        await life()
        expect(await again.subscribe('rooms/yard/messages', qos)).toEqual([granted])
        await settled('yard', again, 'mallory')
        heardOnly(again)
        await again.disconnect()
      }
    },
  )

  test('[TOP6] a filter named twice in one SUBSCRIBE is answered twice', async () => {
    const mallory = await town.connect('mallory')
    const answer = await mallory.subscribe(
      ['rooms/yard/messages', '#', 'rooms/yard/messages', '#', 'rooms/yard/text'],
      1,
    )
    expect(answer).toEqual([1, 128, 1, 128, 1])
  })

  test('[P6] nothing of a room is written by a stranger, with or without a will', async () => {
    const before = await town.log('secret', 'alice')
    const will = { topic: 'rooms/secret/send', payload: 'from the grave', qos: 1 as const, retain: true }
    const mallory = await town.connect('mallory', { will })
    for (const [topic, payload] of [
      ['rooms/secret/send', 'let me in'],
      ['rooms/secret/mark', '{"read":1}'],
      ['rooms/secret/typing', '1'],
      ['users/alice/status', '{"state":"away"}'],
      ['users/alice/requests', '{"id":"1","op":"rooms"}'],
      ['rooms/no-such-room/send', 'hello'],
    ] as const) {
      await mallory.publish(topic, payload)
      const { text } = await mallory.message(({ text }) => JSON.parse(text).topic === topic)
      expect(['not_member', 'forbidden']).toContain(JSON.parse(text).code)
    }
    mallory.destroy()
    await mallory.closed
    await settled('secret', bob, 'alice')
    const now = await town.log('secret', 'alice')
    expect(now.slice(before.length).map(({ text }) => text)).toEqual([`barrier ${marks}`])
  })

  test('[P6] requests are for oneself and about what one may see', async () => {
    const mallory = await town.connect('mallory')
    for (const [op, input] of [
      ['history', { room: 'secret' }],
      ['send', { room: 'secret', text: 'x' }],
      ['room', { room: 'secret' }],
      ['members', { room: 'secret' }],
      ['presence', { room: 'secret' }],
      ['join', { room: 'secret' }],
      ['put-member', { room: 'secret', user: 'mallory' }],
      ['remove-member', { room: 'secret', user: 'alice' }],
      ['update-room', { room: 'secret', name: 'mine' }],
      ['delete-room', { room: 'secret' }],
      ['mark', { room: 'secret', read: 1 }],
    ] as const) {
      expect(await mallory.ask('mallory', op, input), op).toMatchObject({ ok: false, error: { code: 'not_member' } })
    }
    const caughtUp = await mallory.ask('mallory', 'catch-up', { rooms: { secret: 0 } })
    expect(JSON.stringify(caughtUp)).not.toContain('the secret')
  })
})
