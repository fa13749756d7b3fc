import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChatError } from '../../../protocol/errors.ts'
import type { RoomId, UserId } from '../../../protocol/ids.ts'
import type { Notice } from '../../../protocol/presence.ts'
import { createNodePorts } from '../examples/node-ports.ts'
import { type ChatClient, createChatClient, createMemorySession, type Snapshot } from '../index.ts'
import { createInvites } from '../invites.ts'
import { openRealServer, type RealServer } from './real-server.ts'

let server: RealServer
const clients: ChatClient[] = []
beforeAll(async () => {
  server = await openRealServer()
})
afterAll(async () => {
  for (const client of clients) client.stop()
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

async function newUser(name: string, invite?: string) {
  const ports = { ...createNodePorts(server.url), session: createMemorySession() }
  const client = createChatClient(ports, { url: server.url, keepRefreshToken: true })
  clients.push(client)
  const heard: Notice[] = []
  const waiting = new Set<() => void>()
  client.onNotice((notice) => {
    heard.push(notice)
    for (const look of waiting) look()
  })
  await client.start()
  const more = invite === undefined ? {} : { invite }
  await client.register({ username: name, password: 'violet-harbour-91-lantern', ...more })
  await until(client, ({ connection }) => connection.kind === 'online')
  /** Resolves when the inbox has said this. */
  const notice = (type: Notice['type']) =>
    new Promise<Notice>((resolve) => {
      const look = () => {
        const found = heard.find((one) => one.type === type)
        if (found !== undefined) resolve(found)
      }
      waiting.add(look)
      look()
    })
  return { client, id: name as UserId, invites: createInvites(client), notice }
}
const isIn = (room: RoomId) => (snapshot: Snapshot) => snapshot.rooms.some((one) => one.room === room)

test('[INV1] [INV3] [INV8] a program is told of an invitation, follows a link, and lets in who asks', async () => {
  const ana = await newUser('ana')
  const ben = await newUser('ben')
  const room = await ana.client.createRoom({ id: 'design', name: 'Design', kind: 'private' })
  await ana.invites.invite(room, ben.id)
  expect(await ben.notice('invited')).toEqual({ type: 'invited', room, by: 'ana' })
  expect(await ben.invites.mine()).toMatchObject([{ room, name: 'Design' }])
  expect(await ana.invites.pending(room)).toMatchObject([{ user: { id: 'ben' } }])
  expect(await ben.invites.accept(room)).toMatchObject({ id: room, role: 'member' })
  await until(ben.client, isIn(room))

  const link = await ana.invites.createLink(room, { uses: 2 })
  expect(await ben.invites.describe(link.code ?? '')).toMatchObject({ room: { id: room } })
  const cleo = await newUser('cleo', link.code)
  await until(cleo.client, isIn(room))
  expect(await ana.invites.links(room)).toMatchObject([{ id: link.id, used: 1 }])
  await ana.invites.revokeLink(room, link.id)
  const dan = await newUser('dan')
  await expect(dan.invites.follow(link.code ?? '')).rejects.toEqual(new ChatError('invalid_link'))

  await ana.client.updateRoom(room, { settings: { joinRequests: true } })
  await dan.invites.ask(room, 'it is me')
  expect(await ana.notice('join-request')).toEqual({ type: 'join-request', room, user: 'dan' })
  expect(await dan.invites.asked()).toMatchObject([{ room, text: 'it is me' }])
  await ana.invites.letIn(room, dan.id)
  await until(dan.client, isIn(room))
})
