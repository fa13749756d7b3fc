/** The database answers after 5 ms, more or less: nothing is mixed up by the waiting. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startEmbeddedServer, type TestServer } from '../../store/test/test-server.ts'
import { TcpProxy } from '../proxy.ts'
import { Town } from './town.ts'

let server: TestServer
let proxy: TcpProxy
let town: Town

beforeAll(async () => {
  server = await startEmbeddedServer()
  const [, where] = server.url('postgres').split('?') // of a Unix socket, which is no URL for a parser
  const socket = new URLSearchParams(where)
  proxy = await TcpProxy.start(`${socket.get('host')}/.s.PGSQL.${socket.get('port')}`)
  town = await Town.open({
    users: ['alice', 'bob'],
    rooms: { kitchen: ['alice', 'bob'] },
    environment: {
      DATABASE_URL: `postgresql://tidings@127.0.0.1:${proxy.port}/postgres`,
      LIMIT_SEND_PER_SECOND: '0',
    },
  })
  proxy.latencyMs = 5
  proxy.jitterMs = 5
})
afterAll(async () => {
  await town?.close()
  await proxy?.close()
  await server?.stop()
})

test('[P2] 200 messages in one write, edits among them, are stored and delivered in the order of sending', async () => {
  const [alice, bob] = [await town.connect('alice'), await town.connect('bob')]
  await bob.subscribe('rooms/kitchen/messages', 1)
  await alice.publish('rooms/kitchen/send', 'first')
  const [first] = await bob.count('rooms/kitchen/messages', 1)
  const { seq } = JSON.parse(first?.text as string) as { seq: number }
  const texts = Array.from({ length: 200 }, (_, i) => `number ${i}`)
  texts.forEach((text, i) => {
    const command = i % 10 === 3 ? { type: 'edit', seq, text } : { type: 'message', text }
    const packet = { topic: 'rooms/kitchen/send', payload: JSON.stringify(command), retain: false, dup: false }
    alice.send({ cmd: 'publish', ...packet, qos: (i % 3) as 0 | 1 | 2, messageId: i + 10 })
  })
  await bob.count('rooms/kitchen/messages', 201)
  expect(bob.texts('kitchen')).toEqual(['first', ...texts])
  const log = await town.log('kitchen', 'bob')
  expect(log.slice(-200).map(({ text }) => text)).toEqual(texts)
})

test('[P1] an acknowledgement comes after the commit', async () => {
  const alice = await town.connect('alice', { clientId: 'patient' })
  proxy.stall()
  const acknowledged = alice.publish('rooms/kitchen/send', 'held up').then(() => 'acknowledged')
  expect(await Promise.race([acknowledged, alice.ping().then(() => 'pinged')])).toBe('pinged')
  await alice.ping()
  expect(alice.packets).toEqual([])
  proxy.resume()
  expect(await acknowledged).toBe('acknowledged')
  expect((await town.log('kitchen', 'bob')).at(-1)).toMatchObject({ text: 'held up' })
})
