import { expect, test } from 'vitest'
import type { RoomId } from '../../../protocol/ids.ts'
import { createChatClient } from '../chat-client.ts'
import { createDoor } from '../door.ts'
import { createMemorySession } from '../memory-storage.ts'
import type { OnlineStatus } from '../ports.ts'
import type { ConnectionState } from '../snapshot.ts'
import { makeClient } from './client.ts'
import { alice } from './events.ts'
import { ops, ScriptedServer } from './scripted-server.ts'

const signedInBefore = () =>
  createMemorySession({ user: { id: alice, displayName: 'Alice' }, refreshToken: 'r0', deviceId: 'd1' as never })

function statesOf({ client }: ReturnType<typeof makeClient>): ConnectionState['kind'][] {
  const states: ConnectionState['kind'][] = []
  client.subscribe(() => {
    const { kind } = client.snapshot().connection
    if (states.at(-1) !== kind) states.push(kind)
  })
  return states
}

test('[A4] who signed in connects, catches up and is online', async () => {
  const world = makeClient()
  const states = statesOf(world)
  await world.online()
  expect(states).toEqual(['stopped', 'connecting', 'catching-up', 'online'])
  expect(world.server.links).toHaveLength(1)
  expect(world.client.snapshot().connection).toEqual({ kind: 'online', since: 0, refused: [] })
})

test('[A4] somebody who never signed in here asks the server nothing', async () => {
  const { client, server } = makeClient()
  await client.start()
  await server.run()
  expect(client.snapshot()).toMatchObject({ session: { kind: 'signed-out' }, connection: { kind: 'stopped' } })
  expect(server.calls).toEqual([])
})

test('[A4] the next start signs in by itself and shows the rooms in one round trip after the token', async () => {
  const world = makeClient(undefined, { session: signedInBefore() })
  await world.online()
  expect(world.server.count('/login')).toBe(0)
  expect(world.server.count('/refresh')).toBe(1)
  expect(world.server.count('/sync')).toBe(1)
})

test('[A4] a cold start asks for each thing once: the token, the rooms, what was missed, the page of the open room', async () => {
  const { client, server } = makeClient(undefined, { session: signedInBefore() })
  server.clock.advance(1_700_000_000_000)
  for (let at = 0; at < 30; at++) server.say(`m${at}`)
  // As the screen does: the room is opened while everything is still on its way.
  const started = client.start()
  await new Promise(setImmediate)
  const opened = client.openRoom(ops)
  await server.run()
  await Promise.all([started, opened])
  expect(client.snapshot().connection.kind).toBe('online')
  expect(server.calls.map(({ path }) => path.split('?')[0]).sort()).toEqual([
    '/catch-up',
    '/messages',
    '/refresh',
    '/sync',
  ])
})

test('[A4] a room that appears before the first answer, and is not in it, is asked for', async () => {
  const { client, server } = makeClient(undefined, { session: signedInBefore() })
  const started = client.start()
  const lab = 'lab' as RoomId
  let release = (): void => {}
  server.hold = ({ path }) => {
    if (path !== '/sync' || server.rooms.has(lab)) return undefined
    // The answer is made already; the state of the new room overtakes it.
    server.addRoom(lab)
    return new Promise((resolve) => {
      release = resolve
    })
  }
  await server.run()
  release()
  await server.run()
  await started
  expect(client.snapshot().rooms.map(({ room }) => room)).toEqual([lab, ops])
})

test('[A4] a client made behind an open door begins at once', async () => {
  const server = new ScriptedServer()
  const ports = makeClient(server).ports
  const door = createDoor(ports, { url: 'http://test' })
  await door.session.start()
  const entered = door.session.signIn({ username: 'alice', password: 'secret password' })
  await server.run()
  await entered
  const client = createChatClient(ports, { url: 'http://test' }, door)
  const started = client.start()
  expect(client.snapshot().session.kind).toBe('signed-in')
  await server.run()
  await started
  expect(client.snapshot()).toMatchObject({ connection: { kind: 'online' }, rooms: [{ room: ops }] })
  expect(server.count('/login')).toBe(1)
})

test('[B27] after a loss the client is online again within half a second and the round trips', async () => {
  const { client, server, online, pass } = makeClient()
  await online()
  server.drop()
  expect(client.snapshot().connection).toMatchObject({ kind: 'waiting' })
  await pass(500)
  expect(client.snapshot().connection.kind).toBe('online')
})

test('[A3] attempts that fail come at growing random distances, at most 30 s apart', async () => {
  const { client, server, online, pass } = makeClient(undefined, { random: () => 0.999 })
  await online()
  await pass(10_000)
  server.connacks = Array(10).fill(3)
  server.drop()
  const delays: number[] = []
  for (let loss = 0; loss < 9; loss++) {
    const { connection } = client.snapshot()
    if (connection.kind !== 'waiting') throw new Error(connection.kind)
    delays.push(Math.ceil((connection.retryAt - server.clock.now()) / 500) * 500)
    await pass(connection.retryAt - server.clock.now())
  }
  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
})

test('[A3] a stable connection forgets earlier losses, a flapping one does not', async () => {
  const { client, server, online, pass } = makeClient(undefined, { random: () => 0.999 })
  await online()
  const delayAfter = async (onlineFor: number) => {
    await pass(onlineFor)
    server.drop()
    const { connection } = client.snapshot()
    const delay = connection.kind === 'waiting' ? connection.retryAt - server.clock.now() : 0
    await pass(delay)
    return Math.ceil(delay)
  }
  expect(await delayAfter(10_000)).toBe(500)
  expect(await delayAfter(1_000)).toBe(999)
  expect(await delayAfter(10_000)).toBe(500)
})

test('[A3] a half-open connection is noticed within 5 s of waking up, and replaced', async () => {
  const { client, server, online, pass } = makeClient()
  await online()
  server.silent = true
  client.wake()
  await pass(4_999)
  expect(client.snapshot().connection.kind).toBe('online')
  server.clock.advance(1)
  expect(client.snapshot().connection.kind).toBe('waiting')
  server.silent = false
  await pass(500)
  expect(client.snapshot().connection.kind).toBe('online')
  expect(server.links).toHaveLength(2)
})

test('[A3] waking up tries again at once', async () => {
  const { client, server, online } = makeClient()
  await online()
  server.drop()
  client.wake()
  await server.run()
  expect(client.snapshot().connection.kind).toBe('online')
})

test('[A3] without a network the state says so, and the first sign of one is used at once', async () => {
  let isThere = true
  let tell = () => {}
  const network: OnlineStatus = {
    online: () => isThere,
    subscribe(listener) {
      tell = listener
      return () => {}
    },
  }
  const { client, server, online } = makeClient(undefined, { network })
  await online()
  server.silent = true
  isThere = false
  tell()
  server.clock.advance(5_000)
  expect(client.snapshot().connection).toEqual({ kind: 'offline' })
  server.silent = false
  isThere = true
  tell()
  await server.run()
  expect(client.snapshot().connection.kind).toBe('online')
})

test('[A3] a platform that is wrong about the network does not keep the client from a server that is there', async () => {
  const network: OnlineStatus = { online: () => false, subscribe: () => () => {} }
  const { client, server, online, pass } = makeClient(undefined, { network })
  await online()
  expect(client.snapshot().connection.kind).toBe('online')
  server.drop()
  expect(client.snapshot().connection.kind).toBe('offline')
  await pass(500)
  expect(client.snapshot().connection.kind).toBe('online')
})

test('[P6] a token that CONNECT refuses is refreshed once, at once', async () => {
  const { client, server, online, pass } = makeClient()
  await online()
  server.token++
  server.drop()
  await pass(500)
  expect(client.snapshot().connection.kind).toBe('online')
  expect(server.count('/refresh')).toBe(1)
})

test('[P6] a server that refuses fresh tokens too is not hammered', async () => {
  const { client, server, online, pass } = makeClient()
  await online()
  server.connacks = [5, 5]
  server.drop()
  await pass(500)
  expect(client.snapshot().connection).toMatchObject({ kind: 'waiting', code: 'unauthorized' })
  expect(server.count('/refresh')).toBe(1)
})

test('[P6] a connection is renewed before its token expires, and stays the same', async () => {
  const { client, server, online, pass } = makeClient()
  await online()
  await pass(839_000)
  expect(server.published('/requests')).toEqual([])
  await pass(1_001)
  expect(server.published('/requests')).toMatchObject([{ op: 'renew', token: 't2' }])
  await pass(840_000)
  expect(server.published('/requests')).toHaveLength(2)
  expect(client.snapshot().connection.kind).toBe('online')
  expect(server.links).toHaveLength(1)
})

test('[P6] a session that ended signs out with its reason', async () => {
  const { client, server, online, pass } = makeClient()
  await online()
  server.sessionEnded = 'session_ended'
  server.token++
  server.drop()
  await pass(500)
  expect(client.snapshot()).toMatchObject({
    session: { kind: 'signed-out', code: 'session_ended' },
    connection: { kind: 'stopped' },
    rooms: [],
  })
})

test('[ERR1] an expired token of an HTTP call is refreshed once for all calls', async () => {
  const { client, server, online } = makeClient()
  await online()
  server.token++
  const calls = Promise.all([
    client.searchUsers('a').catch((error) => error.code),
    client.listMembers('x' as never).catch((error) => error.code),
  ])
  await server.run()
  expect(await calls).toEqual(['not_found', 'not_found'])
  expect(server.count('/refresh')).toBe(1)
})

test('[ERR1] a refused password is told with its code, and the form is there again', async () => {
  const { client, server } = makeClient()
  await client.start()
  const done = client.signIn({ username: 'alice', password: 'wrong' })
  expect(client.snapshot().session.kind).toBe('signing-in')
  const failure = expect(done).rejects.toMatchObject({ code: 'invalid_credentials' })
  await server.run()
  await failure
  expect(client.snapshot().session).toEqual({ kind: 'signed-out' })
})

test('[ERR1] no answer within 20 s and no network are both unavailable', async () => {
  const { client, server, online } = makeClient()
  await online()
  const slow = expect(client.searchUsers('a')).rejects.toMatchObject({ code: 'unavailable' })
  await new Promise(setImmediate)
  server.clock.advance(20_000)
  await slow
  server.httpDown = true
  const down = expect(client.searchUsers('a')).rejects.toMatchObject({ code: 'unavailable' })
  await server.run()
  await down
})

test('[REQ1] a request over MQTT gets its own reply, and unavailable when the connection ends', async () => {
  const { client, server, online } = makeClient()
  await online()
  const first = client.request('me')
  const second = client.request('room', { room: 'ops' })
  await server.run()
  expect(await first).toMatchObject({ got: { op: 'me' } })
  expect(await second).toMatchObject({ got: { op: 'room', room: 'ops' } })
  const lost = expect(client.request('me')).rejects.toMatchObject({ code: 'unavailable' })
  server.drop()
  await lost
})

test('[A5] listeners hear once of everything in one batch, and a snapshot stays the same between changes', async () => {
  const { client, server, online } = makeClient()
  await online()
  const before = client.snapshot()
  expect(client.snapshot()).toBe(before)
  let heard = 0
  client.subscribe(() => heard++)
  for (let at = 0; at < 50; at++) server.say(`hello ${at}`)
  expect(heard).toBe(0)
  await Promise.resolve()
  expect(heard).toBe(1)
  expect(client.snapshot()).not.toBe(before)
  expect(client.snapshot().users).toBe(before.users)
})

test('[A2] stop ends every timer and keeps the session', async () => {
  const { client, server, online, ports } = makeClient()
  await online()
  client.send('ops' as never, { text: 'hi' })
  client.stop()
  await server.run()
  expect(server.clock.armed).toBe(0)
  expect(await ports.session.load()).toMatchObject({ user: { id: 'alice' } })
})
