/**
 * Somebody who is no member tries 20 000 packets while the members talk: he hears nothing that is not his, and nothing
 * of his is heard ([P6], [P7], [TOP5]). `FUZZ_SEED` repeats a run.
 */
import { generate, type Packet } from 'mqtt-packet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom, type Random } from '../faults/random.ts'
import type { RawClient } from './raw-client.ts'
import { Town } from './town.ts'

const PACKETS = 20_000
const PER_CHAT = 25
const PER_PING = 20
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 32)

const ME = 'mallory'
/** Private, and one public where he is banned. */
const ROOMS = ['cellar', 'attic', 'vault', 'plaza']
const OWN = 'own'
const MEMBERS = ['alice', 'bob']

let town: Town
let members: RawClient[]
const chat: Record<string, string[]> = Object.fromEntries(ROOMS.map((room) => [room, []]))

beforeAll(async () => {
  const none = { LIMIT_SEND_PER_SECOND: '0', LIMIT_SUBSCRIPTIONS: '0' }
  town = await Town.open({
    users: [...MEMBERS, ME],
    environment: { ...none, LIMIT_CONNECTIONS_PER_USER: '0', LIMIT_CONNECTIONS_PER_IP: '0' },
  })
  for (const room of ROOMS) {
    const kind = room === 'plaza' ? 'public' : 'private'
    await town.must('POST', '/api/rooms', { id: room, name: `secret ${room}`, kind, members: ['bob'] }, 'alice')
  }
  await town.must('PUT', `/api/rooms/plaza/bans/${ME}`, {}, 'alice')
  await town.makeRoom(OWN, [ME])
  members = await Promise.all(
    MEMBERS.map(async (user) => {
      const client = await town.connect(user, { clientId: 'phone' })
      await client.subscribe(['rooms/+/#', `users/${user}/#`], 1)
      return client
    }),
  )
})
afterAll(() => town?.close())

/** Topics and filters as somebody would write them who knows the house well, and some that are broken. */
function createGrammar({ pick, between }: Random) {
  const room = () => pick([...ROOMS, ...ROOMS, OWN, 'nowhere'])
  const user = () => pick([...MEMBERS, ME, 'ghost'])
  const device = () => pick(['phone', '+', 'desk', '#'])
  const leaf = () =>
    pick([
      ...['messages', 'compact', 'text', 'state', 'send', 'mark', 'typing', '#', '+', ''],
      ...['presence', 'typing', 'receipts'].map((name) => `${name}/${pick([user(), '+', '#'])}`),
    ])
  const plain = () =>
    pick([
      () => `rooms/${room()}/${leaf()}`,
      () => `rooms/${room()}/${leaf()}`,
      () => `rooms/${room()}/${leaf()}`,
      () => `rooms/+/${leaf()}`,
      () => `users/${user()}/${pick(['inbox', 'requests', 'status', '#', '+'])}`,
      () => `users/${user()}/devices/${device()}/${pick(['replies', 'inbox', '#', '+'])}`,
      () => pick(['#', '+/#', '/#', '$SYS/#', '+/+/+', `+/${room()}/messages`, `rooms/${room()}`, '', '/']),
      () => `$share/g/rooms/${room()}/messages`,
    ])()
  const mutate = (text: string): string => {
    const at = between(0, text.length)
    const junk = pick(['/', '+', '#', ' ', '//', '%2F', '..', 'é', 'А', '\uFFFD', 'ROOMS', '$'])
    return pick([
      () => text.slice(0, at) + junk + text.slice(at),
      () => text.slice(0, at) + text.slice(at + 1),
      () => text.slice(0, at) + junk + text.slice(at + 1),
      () => text.toUpperCase(),
      () => `/${text}`,
      () => `${text}/`,
      () => text.replace('/', '//'),
      () => text + text,
      () => `${text}/${'x/'.repeat(between(1, 50))}`,
    ])()
  }
  /** Wildcards in a topic name, and the like, end the connection: not too often. */
  const name = () => (between(1, 60) === 1 ? topic() : topic().replace(/[+#]|^$/g, 'alice'))
  const topic = () => (between(1, 12) === 1 ? mutate(plain()) : plain())

  const OPERATIONS = [
    ...['history', 'room', 'members', 'presence', 'catch-up', 'sync', 'rooms', 'bans', 'join', 'leave', 'delete-room'],
    ...[
      'send',
      'mark',
      'update-room',
      'member',
      'put-member',
      'remove-member',
      'ban',
      'unban',
      'mute',
      'transfer-room',
    ],
  ]
  /** In rooms that are not his: what he does in his own is his business. */
  const request = (number: number) => {
    const where = pick(ROOMS)
    return {
      id: `r${number}`,
      op: pick(OPERATIONS),
      ...{ room: where, rooms: { [where]: 0 }, user: user(), role: pick(['owner', 'admin', 'member']) },
      ...{
        text: `forged ${number}`,
        read: 1,
        name: `forged ${number}`,
        archived: true,
        scope: pick(['mine', 'public']),
      },
      ...{ seq: between(1, 5), limit: 50 },
    }
  }
  const payload = (number: number): string =>
    pick([
      () => `forged ${number}`,
      () => JSON.stringify({ type: 'message', text: `forged ${number}`, id: `f${number}`, from: 'alice' }),
      () =>
        JSON.stringify({
          type: pick(['edit', 'delete', 'react', 'pin']),
          seq: between(1, 9),
          emoji: '+',
          text: 'forged',
        }),
      () => JSON.stringify({ seq: 9_999, type: 'message', from: 'alice', at: 1, text: `forged ${number}` }),
      () => JSON.stringify({ read: 99, delivered: 99 }),
      () => pick(['1', '0', '', '{}', '\u00a1', '{"state":"online","text":"forged"}']),
    ])()

  const qos = () => pick([0, 1, 2] as const)
  const packetId = () => between(1, 65_535)
  function packet(number: number): Packet {
    const kind = between(1, 20)
    if (kind <= 8) {
      const subscriptions = Array.from({ length: between(1, 4) }, () => ({ topic: topic(), qos: qos() }))
      return { cmd: 'subscribe', messageId: packetId(), subscriptions }
    }
    if (kind === 9) return { cmd: 'unsubscribe', messageId: packetId(), unsubscriptions: [topic()] }
    if (kind === 10) return { cmd: 'pubrel', messageId: packetId() }
    const head = {
      cmd: 'publish',
      qos: qos(),
      retain: between(0, 1) === 1,
      dup: between(0, 3) === 0,
      messageId: packetId(),
    } as const
    if (kind <= 13) return { ...head, topic: `users/${ME}/requests`, payload: JSON.stringify(request(number)) }
    return { ...head, dup: head.qos > 0 && head.dup, topic: name(), payload: payload(number) }
  }
  /** Now and then a byte is not what it was. */
  function bytes(number: number): Buffer {
    let made: Buffer
    try {
      made = generate(packet(number))
    } catch {
      made = generate({ cmd: 'pingreq' }) // the library refuses to write it
    }
    if (between(1, 400) !== 1) return made
    const broken = Buffer.from(made)
    broken[between(0, broken.length - 1)] = between(0, 255)
    return broken
  }
  const connection = () => ({
    clientId: pick(['phone', 'desk', 'm1', 'm2', '']),
    clean: between(0, 1) === 1,
    ...(between(0, 1) === 1 && {
      will: { topic: name(), payload: payload(0), qos: qos(), retain: between(0, 1) === 1 },
    }),
  })
  return { bytes, connection }
}

const seen = { own: 0, answered: 0, granted: 0, refused: 0, rejected: 0, connections: 0 }

/** What he heard must be his: his own topics, and nothing of a room in them. */
function inspect(client: RawClient): void {
  for (const { topic, text } of client.messages.splice(0)) {
    if (topic.startsWith(`rooms/${OWN}/`)) seen.own++
    else expect(topic, `seed ${seed}: ${text}`).toMatch(/^users\/mallory\//)
    expect(text, `seed ${seed}: ${topic}`).not.toContain('secret')
    if (text.includes('"rejected"')) seen.rejected++
  }
  for (const packet of client.packets.splice(0)) {
    if (packet.cmd !== 'suback') continue
    for (const code of packet.granted as number[]) code === 128 ? seen.refused++ : seen.granted++
  }
  client.arrivals.length = 0
}

async function talk(number: number): Promise<void> {
  const room = ROOMS[number % ROOMS.length] as string
  const text = `secret ${number}`
  chat[room]?.push(text)
  await members[number % MEMBERS.length]?.publish(`rooms/${room}/send`, text)
}

async function attack(transport: 'tcp' | 'websocket', from: number, count: number): Promise<void> {
  const { bytes, connection } = createGrammar(createRandom(seed + from))
  let client: RawClient | undefined
  for (let number = from; number < from + count; number++) {
    if (client === undefined || client.isClosed) {
      if (client !== undefined) inspect(client)
      const next = await town.open(transport)
      seen.connections++
      try {
        if ((await next.connect({ username: ME, password: town.token(ME), ...connection() })) === 0) client = next
      } catch {
        continue // a will that is no topic: the server hangs up
      }
      if (client === undefined) continue
    }
    client.send(bytes(number))
    if (number % PER_CHAT === 0) await talk(number)
    if (number % PER_PING === 0) {
      await client.ping().then(
        () => seen.answered++,
        () => undefined, // hung up on him
      )
      inspect(client)
    }
    if (number % 1_000 === 999) {
      client.destroy() // and his will is done
      await client.closed
    }
  }
  await client?.ping().catch(() => undefined)
  if (client !== undefined) inspect(client)
}

test(`[P6] [TOP5] [CMD9] 20 000 packets of a non-member (seed ${seed})`, async () => {
  await Promise.all([attack('tcp', 0, PACKETS / 2), attack('websocket', PACKETS / 2, PACKETS / 2)])
  await talk(1)

  // Nothing of his was heard, nothing of theirs was lost, and nothing has changed.
  for (const client of members) {
    await client.ping()
    for (const { topic, text } of client.messages) {
      expect(`${topic} ${text}`, `seed ${seed}`).not.toMatch(/forged|mallory/)
    }
  }
  for (const room of ROOMS) {
    const log = await town.log(room, 'alice')
    expect(
      log
        .filter(({ type }) => type === 'message')
        .map(({ text }) => text)
        .sort(),
    ).toEqual(chat[room]?.sort())
    expect(log.filter(({ from }) => from === ME)).toEqual([])
    const { body } = await town.must('GET', `/api/rooms/${room}`, undefined, 'alice')
    expect(body).toMatchObject({ name: `secret ${room}`, members: 2, role: 'owner' })
  }

  // What he left behind brings him nothing later: durable subscriptions under every name he used.
  for (const clientId of ['phone', 'desk', 'm1', 'm2']) {
    const client = await town.connect(ME, { clientId, clean: false })
    await client.subscribe([...ROOMS.map((room) => `rooms/${room}/messages`), 'rooms/+/messages', `users/${ME}/#`], 1)
    await talk(1)
    await client.ping()
    inspect(client)
  }
  // He did get somewhere: his own room and topics answered.
  expect(seen.own).toBeGreaterThan(0)
  expect(seen.answered).toBeGreaterThan(100)
  expect(seen.granted).toBeGreaterThan(100)
  expect(seen.refused).toBeGreaterThan(1_000)
  expect(seen.rejected).toBeGreaterThan(1_000)
  expect(seen.connections).toBeGreaterThan(20)
}, 300_000)
