import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RoomId, Seq, UserId } from '../../../protocol/ids.ts'
import { createAccount } from '../account.ts'
import { createNodePorts } from '../examples/node-ports.ts'
import { type ChatClient, createChatClient, createMemorySession, type Fetch, type Snapshot } from '../index.ts'
import { openRealServer, type RealServer } from './real-server.ts'

const PASSWORD = 'violet-harbour-91-lantern'
const clients: ChatClient[] = []
const children: ChildProcess[] = []
let server: RealServer
let count = 0

beforeAll(async () => {
  server = await openRealServer()
})

afterAll(async () => {
  for (const client of clients) client.stop()
  for (const child of children) child.kill()
  await server?.close()
})

/** Resolves when the snapshot is as asked; the test's own time limit is the only one. */
function until(client: ChatClient, isSo: (snapshot: Snapshot) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isSo(client.snapshot())) return
      stop()
      resolve()
    }
    const stop = client.subscribe(look)
    look()
  })
}

const isOnline = ({ connection }: Snapshot): boolean => connection.kind === 'online'

async function newUser(name: string): Promise<{ client: ChatClient; id: UserId }> {
  const id = `${name}${++count}` as UserId
  const ports = { ...createNodePorts(server.url), session: createMemorySession() }
  const client = createChatClient(ports, { url: server.url, keepRefreshToken: true })
  clients.push(client)
  await client.start()
  await client.register({ username: id, password: PASSWORD, displayName: name })
  await until(client, isOnline)
  return { client, id }
}

const itemsOf = (client: ChatClient, room: RoomId) => client.snapshot().open.get(room)?.items ?? []
const textsOf = (client: ChatClient, room: RoomId) =>
  itemsOf(client, room).flatMap((item) => (item.kind === 'message' ? [item.text] : []))

/** Two people in one open room. */
async function pair(): Promise<{ ana: ChatClient; ben: ChatClient; benId: UserId; anaId: UserId; room: RoomId }> {
  const { client: ana, id: anaId } = await newUser('ana')
  const { client: ben, id: benId } = await newUser('ben')
  const room = await ana.createRoom({ name: 'Operations', kind: 'private', members: [benId] })
  await until(ben, ({ rooms }) => rooms.some((one) => one.room === room))
  await Promise.all([ana.openRoom(room), ben.openRoom(room)])
  return { ana, ben, anaId, benId, room }
}

test('[A1] a message goes from one to the other, is read, answered, edited, reacted to and deleted', async () => {
  const { ana, ben, anaId, benId, room } = await pair()
  ana.send(room, { text: 'hello', mentions: [benId] })
  await until(ben, () => textsOf(ben, room).includes('hello'))
  const seq = itemsOf(ben, room).find((item) => item.kind === 'message')?.seq as Seq
  expect(ben.snapshot().rooms[0]).toMatchObject({ unread: 1, mentions: 1 })
  ben.markRead(room)
  await until(ana, ({ open }) => (open.get(room)?.receipts.get(benId)?.read ?? 0) >= seq)
  ben.react(room, seq, '👍')
  ana.edit(room, seq, 'hello there')
  const item = (client: ChatClient) => itemsOf(client, room).find((one) => one.kind === 'message' && one.seq === seq)
  await until(ana, () => {
    const shown = item(ana)
    return shown?.kind === 'message' && shown.reactions[0]?.users[0] === benId && shown.changes.length === 0
  })
  await until(ben, () => textsOf(ben, room).includes('hello there'))
  ana.remove(room, seq)
  await until(ben, () => {
    const shown = item(ben)
    return shown?.kind === 'message' && shown.deleted
  })
  expect(ana.snapshot().users.get(benId)?.displayName).toBe('ben')
  expect(ben.snapshot().users.get(anaId)?.presence?.state).toBe('online')
})

test('[TYP] typing is seen, and presence follows the connection', async () => {
  const { ana, ben, benId, room } = await pair()
  ben.setTyping(room, true)
  await until(ana, ({ rooms }) => rooms[0]?.typing[0] === benId)
  ben.setTyping(room, false)
  await until(ana, ({ rooms }) => rooms[0]?.typing.length === 0)
  ben.setStatus({ state: 'busy', text: 'in a call' })
  await until(ana, ({ users }) => users.get(benId)?.presence?.state === 'busy')
  ben.stop()
  await until(ana, ({ users }) => users.get(benId)?.presence?.state === 'offline')
})

test('[A10] what a role does not allow is rejected, and the connection stays', async () => {
  const { ana, ben, benId, room } = await pair()
  await ana.putMember(room, benId, 'reader')
  await until(ben, ({ rooms }) => rooms[0]?.role === 'reader')
  ben.send(room, { text: 'may I?' })
  await until(ben, ({ rooms }) => rooms[0]?.failed === 1)
  expect(itemsOf(ben, room).at(-1)).toMatchObject({ kind: 'pending', state: { kind: 'failed', retryable: false } })
  expect(isOnline(ben.snapshot())).toBe(true)
})

test('[P6] who is removed sees the room go', async () => {
  const { ana, ben, benId, room } = await pair()
  ben.closeRoom(room)
  await ana.removeMember(room, benId)
  await until(ben, ({ rooms }) => rooms.length === 0)
})

test('[ROOM] a direct room is one for both, and carries the name of the other', async () => {
  const { client: ana, id: anaId } = await newUser('ana')
  const { client: ben, id: benId } = await newUser('ben')
  const room = await ana.startDirect(benId)
  expect(await ben.startDirect(anaId)).toBe(room)
  expect(ana.snapshot().rooms[0]).toMatchObject({ kind: 'direct', peer: benId, name: 'ben' })
  expect(ben.snapshot().rooms[0]).toMatchObject({ kind: 'direct', peer: anaId, name: 'ana' })
})

test('[ROOM] a public room is found, looked at, joined and left', async () => {
  const { client: ana } = await newUser('ana')
  const { client: ben } = await newUser('ben')
  const room = await ana.createRoom({ name: `Garden ${count}`, kind: 'public' })
  ana.send(room, { text: 'first' })
  await until(ana, ({ rooms }) => rooms[0]?.pending === 0)
  expect((await ben.browsePublicRooms('garden')).map((info) => info.id)).toContain(room)
  await ben.openRoom(room)
  expect(textsOf(ben, room)).toEqual(['first'])
  ana.send(room, { text: 'second' })
  await until(ben, () => textsOf(ben, room).length === 2)
  await ben.joinRoom(room)
  expect(ben.snapshot().rooms.map((one) => one.room)).toEqual([room])
  await ben.loadMembers(room)
  expect(ben.snapshot().open.get(room)?.members).toHaveLength(2)
  ben.send(room, { text: 'third' })
  await until(ana, ({ rooms }) => rooms[0]?.last?.type === 'message' && rooms[0].last.text === 'third')
  await ben.leaveRoom(room)
  expect(ben.snapshot().rooms).toEqual([])
})

test('[A4] history comes by pages, from the newest to the first', async () => {
  const { ana, ben, room } = await pair()
  ben.closeRoom(room)
  for (let at = 0; at < 130; at++) ana.send(room, { text: `m${at}` })
  await until(ana, ({ rooms }) => rooms[0]?.pending === 0)
  const { client: cleo, id: cleoId } = await newUser('cleo')
  await ana.putMember(room, cleoId)
  await until(cleo, ({ rooms }) => rooms.length === 1)
  await cleo.openRoom(room)
  expect(textsOf(cleo, room).at(-1)).toBe('m129')
  while (cleo.snapshot().open.get(room)?.hasOlder) await cleo.loadOlder(room)
  expect(textsOf(cleo, room)).toEqual(Array.from({ length: 130 }, (_, at) => `m${at}`))
})

test('[REQ1] operations work over MQTT too', async () => {
  const { client, id } = await newUser('ana')
  expect(await client.request('me')).toMatchObject({ id })
  await expect(client.request('no-such-thing')).rejects.toMatchObject({ code: 'unknown_operation' })
})

test('[P6] a page needs no refresh token: the cookie signs in again after a reload, until the sign-out', async () => {
  const cookies = new Map<string, string>()
  const fetchWithCookies: Fetch = async (url, init) => {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
    const response = await fetch(url, { ...init, headers: { ...init.headers, cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      cookies.set(name, value)
    }
    return response
  }
  const session = createMemorySession()
  const open = async () => {
    const client = createChatClient(
      { ...createNodePorts(server.url), fetch: fetchWithCookies, session },
      { url: server.url },
    )
    clients.push(client)
    await client.start()
    return client
  }
  const first = await open()
  await first.register({ username: `page${++count}`, password: PASSWORD })
  await until(first, isOnline)
  first.stop()
  expect(JSON.stringify(await session.load())).not.toContain('oken')
  const second = await open()
  await until(second, isOnline)
  await second.signOut()
  expect(second.snapshot().session.kind).toBe('signed-out')
  const third = await open()
  expect(third.snapshot().session.kind).toBe('signed-out')
})

test('[P6] ending all sessions signs out', async () => {
  const { client } = await newUser('ana')
  expect(await createAccount(client).listSessions()).toHaveLength(1)
  await createAccount(client).endSessions()
  await until(client, ({ session }) => session.kind === 'signed-out')
})

test('the examples run as their headers say', async () => {
  const { client: ana } = await newUser('ana')
  const { client: bot, id: botId } = await newUser('echo')
  const { token } = await createAccount(bot).createToken({ name: 'bot' })
  const room = await ana.startDirect(botId)
  await ana.openRoom(room)
  const run = (name: string, ...more: string[]) => {
    const script = fileURLToPath(new URL(`../examples/${name}.ts`, import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', script, server.url, token, ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    return createInterface({ input: child.stdout })
  }
  ana.send(room, { text: 'before' })
  await until(ana, ({ rooms }) => rooms[0]?.pending === 0)
  const tail = run('tail-room', room)
  expect((await once(tail, 'line'))[0]).toMatch(/: before$/)
  const echo = run('echo-bot')
  for (let line = ''; !line.endsWith(': online'); ) [line] = await once(echo, 'line')
  const tailed: string[] = []
  tail.on('line', (line) => tailed.push(line))
  ana.send(room, { text: 'parrot' })
  await until(ana, () => textsOf(ana, room).filter((text) => text === 'parrot').length === 2)
  if (tailed.length < 2) await once(tail, 'line')
})

test('[P1] a server that is killed and started again loses nothing, repeats nothing, and finds its clients again', async () => {
  const { ana, ben, room } = await pair()
  const sent = Array.from({ length: 60 }, (_, at) => `m${at}`)
  for (const text of sent.slice(0, 30)) ana.send(room, { text })
  await until(ana, ({ rooms }) => (rooms[0]?.pending ?? 30) < 20)
  await server.kill()
  for (const text of sent.slice(30)) ana.send(room, { text })
  await server.restart()
  ana.wake()
  ben.wake()
  await until(ana, ({ rooms }) => rooms[0]?.pending === 0)
  await until(ben, () => textsOf(ben, room).length >= sent.length)
  expect(textsOf(ben, room)).toEqual(sent)
  expect(textsOf(ana, room)).toEqual(sent)
})
