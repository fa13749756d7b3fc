/** A no has a code, reaches the device that asked, and ends nothing; abuse does. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RawClient } from './raw-client.ts'
import { Town } from './town.ts'

let town: Town

beforeAll(async () => {
  town = await Town.open({
    users: ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'reader'],
    rooms: {
      kitchen: ['alice', 'bob', 'carol', 'dave', 'reader'],
      cellar: ['bob'],
      attic: ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'],
    },
    environment: { LOG_LEVEL: 'debug' },
  })
  await town.must('PUT', '/api/rooms/kitchen/members/reader', { role: 'reader' }, 'alice')
})
afterAll(() => town?.close())
afterEach(() => town.hangUp())

type Rejected = { type: string; id?: string; topic: string; code: string; message: string; retryAfterMs?: number }

const rejections = (client: RawClient): Rejected[] =>
  client.messages
    .filter(({ topic }) => topic.endsWith('/replies'))
    .map(({ text }) => JSON.parse(text))
    .filter(({ type }) => type === 'rejected')

describe('a rejection', () => {
  test.each([
    [1, 'puback'],
    [2, 'pubrec'],
  ] as const)(
    '[REJ1] at QoS %i comes before the %s, to a device that has subscribed to nothing',
    async (qos, answer) => {
      for (const transport of ['tcp', 'websocket'] as const) {
        const alice = await town.connect('alice', { clientId: 'refused', transport })
        const other = await town.connect('alice', { clientId: 'other' })
        await other.subscribe('users/alice/#')
        const command = { type: 'message', id: 'c1', text: 'hello' }
        await alice.publish('rooms/cellar/send', command, { qos })
        const order = alice.arrivals.map(({ cmd }) => cmd)
        expect(order.indexOf('publish')).toBeGreaterThan(0)
        expect(order.indexOf('publish')).toBeLessThan(order.indexOf(answer))
        expect(alice.messages).toMatchObject([{ topic: 'users/alice/devices/refused/replies', qos: 0, retain: false }])
        expect(rejections(alice)).toEqual([
          { type: 'rejected', id: 'c1', topic: 'rooms/cellar/send', code: 'not_member', message: expect.any(String) },
        ])
        await alice.publish('rooms/kitchen/send', 'the connection stays')
        await other.ping()
        expect(rejections(other)).toEqual([])
        town.hangUp()
      }
    },
  )

  test('[REJ1] at QoS 0 comes just so, also to a device whose id the server made', async () => {
    const alice = await town.connect('alice', { clientId: '' })
    await alice.publish('rooms/cellar/send', 'hello', { qos: 0 })
    const { topic } = await alice.message(({ text }) => text.includes('not_member'))
    expect(topic).toMatch(/^users\/alice\/devices\/[\w.:-]+\/replies$/)
    expect(
      await alice.subscribe([topic, 'users/alice/devices/+/replies', 'users/alice/devices/other/replies']),
    ).toEqual([0, 0, 128])
  })

  test.each<[string, string, string | Buffer | object, string]>([
    ['a foreign room', 'rooms/cellar/send', 'x', 'not_member'],
    ['no such room', 'rooms/nowhere/send', 'x', 'not_member'],
    ['an empty payload', 'rooms/kitchen/send', '', 'invalid_command'],
    ['an unknown type', 'rooms/kitchen/send', { type: 'dance' }, 'unknown_type'],
    ['a message without text', 'rooms/kitchen/send', { type: 'message' }, 'invalid_command'],
    ['U+0000', 'rooms/kitchen/send', { type: 'message', text: 'a\0b' }, 'invalid_command'],
    ['bytes that are nothing', 'rooms/kitchen/send', Buffer.from([0xc3, 0x28]), 'invalid_command'],
    ['CBOR that is cut', 'rooms/kitchen/send', Buffer.from([0xa2, 0x05]), 'invalid_command'],
    ['a long text', 'rooms/kitchen/send', 'x'.repeat(16_385), 'invalid_command'],
    [
      'a deep nest',
      'rooms/kitchen/send',
      `{"type":"message","text":"x","a":${'['.repeat(9_000)}${']'.repeat(9_000)}}`,
      'invalid_command',
    ],
    ['an edit of nothing', 'rooms/kitchen/send', { type: 'edit', seq: 999, text: 'x' }, 'message_not_found'],
    ['an edit of what is no message', 'rooms/kitchen/send', { type: 'edit', seq: 1, text: 'x' }, 'message_not_found'],
    ['a strange mark', 'rooms/kitchen/mark', { read: -1 }, 'invalid_command'],
    ['a strange typing', 'rooms/kitchen/typing', '2', 'invalid_command'],
    ['a strange status', 'users/carol/status', { state: 'asleep' }, 'invalid_command'],
    ['another user’s status', 'users/bob/status', { state: 'away' }, 'forbidden'],
    ['another user’s requests', 'users/bob/requests', { id: 'r', op: 'me' }, 'forbidden'],
    ['a request that is none', 'users/carol/requests', 'help', 'invalid_request'],
    ['an unknown topic', 'a/b/c', 'x', 'unknown_topic'],
    ['a topic of a room that is none', 'rooms/kitchen/dance', 'x', 'unknown_topic'],
    ['a room id that is none', 'rooms/Kitchen/send', 'x', 'unknown_topic'],
    ['$SYS', '$SYS/x/new/clients', 'x', 'unknown_topic'],
    ['a topic of the server', 'rooms/kitchen/messages', 'x', 'not_writable'],
  ])('[ERR1] %s is refused with its code', async (_what, topic, payload, code) => {
    const carol = await town.connect('carol')
    await carol.publish(topic, payload)
    expect(rejections(carol)).toMatchObject([{ topic, code }])
    expect(carol.isClosed).toBe(false)
  })

  test('[CMD5] a reader may mark and not send, react or type', async () => {
    const reader = await town.connect('reader')
    for (const [topic, payload] of [
      ['rooms/kitchen/send', 'x'],
      ['rooms/kitchen/send', '{"type":"react","seq":4,"emoji":"x"}'],
      ['rooms/kitchen/typing', '1'],
    ] as const) {
      await reader.publish(topic, payload)
    }
    expect(rejections(reader).map(({ code }) => code)).toEqual(['forbidden', 'forbidden', 'forbidden'])
    await reader.publish('rooms/kitchen/mark', '{"read":1}')
    expect(rejections(reader)).toHaveLength(3)
  })
})

describe('too much', () => {
  test('[LIM4] a flood is slowed, then refused with a time; the next message waits at most 2 s', async () => {
    const dave = await town.connect('dave', { clientId: 'flood' })
    const began = performance.now()
    for (let i = 1; i <= 300; i++) {
      dave.send({
        cmd: 'publish',
        topic: 'rooms/attic/send',
        payload: `flood ${i}`,
        qos: 1,
        retain: false,
        dup: false,
        messageId: i,
      })
    }
    for (let i = 1; i <= 300; i++) await dave.next('puback', (packet) => packet.messageId === i)
    const refused = rejections(dave)
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['rate_limited']))
    for (const { retryAfterMs } of refused) {
      expect(retryAfterMs).toBeGreaterThan(0)
      expect(retryAfterMs).toBeLessThanOrEqual(2_000)
    }
    const took = performance.now() - began
    const passed = (await town.log('attic', 'erin')).filter(({ from }) => from === 'dave')
    expect(passed.length + refused.length).toBe(300)
    expect(passed.length).toBeGreaterThanOrEqual(60)
    expect(passed.length).toBeLessThanOrEqual(60 + 40 + (took / 1000) * 20 + 1)

    const asked = performance.now()
    await dave.publish('rooms/attic/send', { type: 'message', id: 'after', text: 'after the flood' })
    expect(performance.now() - asked).toBeLessThan(2_500)
    expect(rejections(dave).filter(({ id }) => id === 'after')).toEqual([])
  })

  test('[LIM4] a flood of one user is nobody else’s, and marks and typing have a bucket of their own', async () => {
    const [erin, frank] = [await town.connect('erin'), await town.connect('frank')]
    for (let i = 0; i < 59; i++) await erin.publish('rooms/attic/send', `erin ${i}`, { qos: 0 })
    await erin.publish('rooms/attic/send', 'erin 59')
    expect(rejections(erin)).toEqual([])
    const began = performance.now()
    await erin.publish('rooms/attic/typing', '1')
    await frank.publish('rooms/attic/send', 'frank')
    expect(performance.now() - began).toBeLessThan(1_000)
    expect([...rejections(erin), ...rejections(frank)]).toEqual([])
  })

  test('[REJ2] a hundred publishes to unknown topics in a minute close the connection, fewer do not', async () => {
    const frank = await town.connect('frank', { clientId: 'stray' })
    for (let i = 0; i < 99; i++) await frank.publish(`stray/${i}`, 'x')
    expect(rejections(frank)).toHaveLength(99)
    await frank.ping()
    frank.send({ cmd: 'publish', topic: 'stray/99', payload: 'x', qos: 0, retain: false, dup: false })
    await frank.closed
    const again = await town.connect('frank', { clientId: 'stray' })
    await again.ping()
  })
})

describe('a will', () => {
  const wills = async (room: string) =>
    (await town.log(room, 'bob')).flatMap(({ text }) => (text?.includes('will') ? [text] : []))

  test('[CMD9] is a command, sent when the connection ends without DISCONNECT', async () => {
    const witness = await town.connect('bob', { clientId: 'witness' })
    await witness.subscribe('rooms/attic/messages')
    const heard = (text: string) => witness.message((message) => message.text.includes(`"${text}"`))
    const will = (payload: string) => ({ topic: 'rooms/attic/send', payload, qos: 1 as const, retain: true })

    const cut = await town.connect('alice', { clientId: 'cut', will: will('will of the cut') })
    cut.destroy()
    expect((await heard('will of the cut')).retain).toBe(false)

    const silent = await town.connect('alice', { clientId: 'silent', keepalive: 1, will: will('will of the silent') })
    await heard('will of the silent')
    await silent.closed

    const taken = await town.connect('alice', { clientId: 'taken', will: will('will of the one taken over') })
    await town.connect('alice', { clientId: 'taken' })
    await heard('will of the one taken over')
    await taken.closed

    const polite = await town.connect('alice', { clientId: 'polite', will: will('will of the polite') })
    await polite.disconnect()
    const malformed = await town.connect('alice', { clientId: 'bad', will: will('will of the malformed') })
    malformed.send(Buffer.from([0x30, 0x00]))
    await heard('will of the malformed')
    expect(await wills('attic')).not.toContain('will of the polite')
  })

  test('[CMD9] that is refused when it fires is dropped', async () => {
    await town.makeRoom('shed', ['bob', 'alice'])
    const will = { topic: 'rooms/shed/send', payload: 'will of one who was removed', qos: 1 as const }
    const alice = await town.connect('alice', { clientId: 'removed', will })
    const stranger = await town.connect('carol', {
      clientId: 'stranger',
      will: { ...will, payload: 'will of a stranger' },
    })
    const forger = await town.connect('carol', {
      clientId: 'forger',
      will: { topic: 'rooms/shed/messages', payload: '{"forged":1}', retain: true },
    })
    await town.remove('shed', 'alice', 'bob')
    const witness = await town.connect('bob', { clientId: 'witness' })
    await witness.subscribe('rooms/shed/#')
    for (const client of [alice, stranger, forger]) client.destroy()
    await Promise.all([alice.closed, stranger.closed, forger.closed])
    const last = await town.connect('bob', { clientId: 'last', will: { ...will, payload: 'the last will' } })
    last.destroy()
    await witness.message(({ text }) => text.includes('the last will'))
    expect(await wills('shed')).toEqual(['the last will'])
    expect(witness.messages.filter(({ text }) => text.includes('forged'))).toEqual([])
    const codes = () =>
      town.product.log.flatMap((line) => (line.includes('a will was refused') ? [JSON.parse(line).code] : [])).sort()
    await expect.poll(codes).toEqual(['not_member', 'not_member', 'not_writable'])
    expect(await wills('shed')).toEqual(['the last will'])
  })
})
