/** Whoever guesses passwords gets few answers, over all doors together, and locks nobody out. */
import { connect as dial } from 'node:net'
import { generate, type Packet, parser } from 'mqtt-packet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Town } from './town.ts'

const PASSWORD = 'nine blue herons at dusk'
const PER_MINUTE = 10
/** A thousand hashes of passwords take longer, on any machine: who is refused costs none. */
const HASHED_MS = 60_000
const UNLIMITED = {
  LIMIT_REQUESTS_PER_MINUTE: '0',
  LIMIT_REGISTRATIONS_PER_HOUR: '0',
  LIMIT_CONNECTIONS_PER_IP: '0',
}

/** Was the guess answered, right or wrong, or refused unseen? */
type Answer = 'wrong' | 'right' | 'refused'

let town: Town
const open = async (trusted: string) =>
  Town.open({ users: ['owner'], environment: { ...UNLIMITED, TRUST_PROXY: trusted } })

async function overHttp(user: string, from?: string, password = 'a guess, a guess', cookie = ''): Promise<Answer> {
  const answer = await fetch(`${town.product.url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie, ...(from !== undefined && { 'x-forwarded-for': from }) },
    body: JSON.stringify({ username: user, password }),
  })
  await answer.arrayBuffer()
  if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  return answer.status === 200 ? 'right' : answer.status === 401 ? 'wrong' : 'refused'
}

/** By what the server knows a browser again. */
async function browserOf(username: string, from: string): Promise<string> {
  const answer = await fetch(`${town.product.url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
    body: JSON.stringify({ username, password: PASSWORD }),
  })
  const cookies = answer.headers.getSetCookie().map((one) => one.split(';')[0] ?? '')
  return cookies.find((one) => one.startsWith('tidings_browser=')) ?? ''
}

const connectPacket = (username: string) =>
  generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: 'guess',
    keepalive: 30,
    username,
    password: Buffer.from('tdt_a-guess'),
  })

/** Over TCP, and with an address that a proxy gives over WebSocket. */
function overMqtt(user: string, from?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const reader = parser()
    let hangUp = () => {}
    reader.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connack')
        resolve(packet.returnCode === 4 ? 'wrong' : packet.returnCode === 0 ? 'right' : 'refused')
      hangUp()
    })
    if (from === undefined) {
      const socket = dial({ port: town.product.mqttPort, host: '127.0.0.1' }, () => socket.write(connectPacket(user)))
      hangUp = () => socket.destroy()
      socket.on('data', (bytes) => reader.parse(bytes)).on('error', reject)
      return
    }
    const address = `${town.product.url.replace('http', 'ws')}/mqtt`
    const socket = new WebSocket(address, 'mqtt', { headers: { 'x-forwarded-for': from } })
    hangUp = () => socket.terminate()
    socket.on('open', () => socket.send(connectPacket(user)))
    socket.on('message', (bytes: Buffer) => reader.parse(bytes)).on('error', reject)
  })
}

/** So many attempts, twenty at a time, a third of them over MQTT; answers how many were answered, and how long it took. */
async function guess(times: number, user: (n: number) => string, from: (n: number) => string | undefined) {
  const began = performance.now()
  let next = 0
  const answers: Answer[] = []
  const work = async () => {
    for (let n = next++; n < times; n = next++) {
      answers.push(await (n % 3 === 2 ? overMqtt(user(n), from(n)) : overHttp(user(n), from(n))))
    }
  }
  await Promise.all(Array.from({ length: 20 }, work))
  const answered = answers.filter((one) => one !== 'refused').length
  return { answered, right: answers.includes('right'), total: answers.length, ms: performance.now() - began }
}

const anywhere = (n: number) => `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`

describe('behind a proxy', () => {
  beforeAll(async () => {
    town = await open('127.0.0.1')
  })
  afterAll(() => town?.close())

  test('[LIM2] [LIM8] a thousand addresses together get ten answers about one account, and the owner is not locked out', async () => {
    expect(await overHttp('owner', '192.0.2.7', PASSWORD)).toBe('right')
    const cookie = await browserOf('owner', '192.0.2.7')
    const [attack, home] = await Promise.all([
      guess(1_000, () => 'owner', anywhere),
      (async () => {
        const answers: Answer[] = []
        for (let n = 0; n < 5; n++) answers.push(await overHttp('owner', '192.0.2.7', PASSWORD))
        return answers
      })(),
    ])
    expect(attack).toMatchObject({ total: 1_000, right: false })
    // Each time when the owner comes in, what strangers did before is forgiven; the minute goes on counting.
    expect(attack.answered).toBeLessThanOrEqual(PER_MINUTE)
    expect(attack.ms).toBeLessThan(HASHED_MS)
    expect(home).toEqual(['right', 'right', 'right', 'right', 'right'])
    expect(await overHttp('owner', '203.0.113.99', PASSWORD)).toBe('refused')
    expect(await overHttp('owner', '203.0.113.99', PASSWORD, cookie)).toBe('right')
    expect(await overHttp('owner', '192.0.2.7', PASSWORD)).toBe('right')
  }, 120_000)

  test('[LIM2] one address gets ten answers about a thousand accounts', async () => {
    const attack = await guess(
      1_000,
      (n) => `somebody-${n}`,
      () => '203.0.113.5',
    )
    expect(attack).toMatchObject({ total: 1_000, right: false })
    expect(attack.answered).toBeLessThanOrEqual(PER_MINUTE)
    expect(attack.ms).toBeLessThan(HASHED_MS)
  }, 120_000)

  test('[LIM2] a network of IPv6 is one address', async () => {
    const attack = await guess(
      60,
      (n) => `other-${n}`,
      (n) => `2001:db8:1:2::${n.toString(16)}`,
    )
    expect(attack.answered).toBeLessThanOrEqual(PER_MINUTE)
  })

  test('[LIM9] what a client writes before the proxy is not believed', async () => {
    const attack = await guess(
      60,
      (n) => `third-${n}`,
      (n) => `${anywhere(n)}, 203.0.113.6`,
    )
    expect(attack.answered).toBeLessThanOrEqual(PER_MINUTE)
  })
})

describe.each([
  ['without a proxy', ''],
  ['behind another proxy', '10.0.0.1, 10.1.0.0/16'],
])('%s', (_, trusted) => {
  beforeAll(async () => {
    town = await open(trusted)
  })
  afterAll(() => town?.close())

  test('[LIM9] addresses that a client makes up are not believed, over any door', async () => {
    const attack = await guess(
      90,
      (n) => `nobody-${n}`,
      (n) => (n % 2 === 0 ? anywhere(n) : undefined),
    )
    expect(attack.answered).toBeLessThanOrEqual(PER_MINUTE)
  })
})
