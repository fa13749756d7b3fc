// Long, as it is one story: a room seen by the SDK, against one scripted server.
import { expect, test } from 'vitest'
import type { ChatEvent } from '../../../protocol/events.ts'
import type { RoomId, Seq, UserId } from '../../../protocol/ids.ts'
import type { Cache } from '../ports.ts'
import type { Cached, GapItem } from '../snapshot.ts'
import { messageState } from '../timeline-items.ts'
import { makeClient } from './client.ts'
import { alice, bob, carol, edited, reacted } from './events.ts'
import { ops, ScriptedServer } from './scripted-server.ts'

const lab = 'lab' as RoomId
const gapsOf = (items: readonly { kind: string }[]) => items.filter((item): item is GapItem => item.kind === 'gap')

test('[P3] an event that got lost on the way is noticed by the next one and fetched', async () => {
  const { server, online, texts, client } = makeClient()
  await online()
  server.say('one')
  server.say('two', { lost: true })
  server.say('three')
  expect(texts()).toEqual(['one', 'three'])
  await server.run()
  expect(texts()).toEqual(['one', 'two', 'three'])
  expect(client.snapshot().rooms[0]?.unread).toBe(3)
  expect(server.count('/messages')).toBe(2)
})

test('[P3] a repair that fails is tried again', async () => {
  const { server, online, texts, pass } = makeClient()
  await online()
  server.say('one', { lost: true })
  server.say('two')
  server.httpDown = true
  await server.run()
  server.httpDown = false
  expect(texts()).toEqual(['two'])
  await pass(3_000)
  expect(texts()).toEqual(['one', 'two'])
})

test('[A4] what was missed while away comes in one request for all rooms', async () => {
  const { client, server, online, pass, texts } = makeClient()
  server.addRoom(lab)
  await online()
  server.drop()
  for (let at = 0; at < 50; at++) server.say(`missed ${at}`, { id: at % 2 ? ops : lab })
  const before = server.calls.length
  await pass(500)
  expect(server.calls.slice(before).map(({ path }) => path)).toEqual(['/catch-up'])
  expect(texts()).toHaveLength(25)
  expect(client.snapshot().rooms.map(({ unread }) => unread)).toEqual([25, 25])
})

test('[A4] after a long absence a hole is shown instead of a flood, and filled when asked', async () => {
  const { client, server, online, pass, items, texts } = makeClient()
  server.say('before')
  await online()
  server.drop()
  for (let at = 0; at < 600; at++) server.say(`missed ${at}`)
  server.room().info = { ...server.room().info, unread: 600 }
  await pass(500)
  const [gap] = gapsOf(items())
  expect(gap).toMatchObject({ after: 203, before: 554, missing: 350, loading: false })
  expect(texts().at(-1)).toBe('missed 599')
  expect(client.snapshot().rooms[0]?.unread).toBe(600)
  for (let next = gap; next; [next] = gapsOf(items())) {
    const filled = client.loadGap(ops, next.after)
    expect(gapsOf(items())[0]?.loading).toBe(true)
    await server.run()
    await filled
  }
  expect(texts()).toHaveLength(601)
})

test('[A4] a bot that wants everything gets everything, in order, once', async () => {
  const { client, server, online, pass } = makeClient(undefined, {}, { longGap: Number.POSITIVE_INFINITY })
  const heard: number[] = []
  client.onEvent((_, event) => heard.push(event.seq))
  await online()
  server.say('live')
  server.drop()
  for (let at = 0; at < 1_200; at++) server.say('missed')
  await pass(500)
  server.say('lost', { lost: true })
  server.say('live again')
  await server.run()
  expect(heard).toEqual(Array.from({ length: 1_203 }, (_, at) => at + 3))
})

test('[A4] opening a room shows its last page; older ones come by 50 until there is no more', async () => {
  const { client, server, online, texts } = makeClient()
  for (let at = 0; at < 120; at++) server.say(`m${at}`)
  await online()
  expect(texts()).toHaveLength(50)
  const view = () => client.snapshot().open.get(ops)
  expect(view()).toMatchObject({ hasOlder: true, loading: false })
  while (view()?.hasOlder) {
    const loaded = client.loadOlder(ops)
    expect(view()?.loadingOlder).toBe(true)
    await server.run()
    await loaded
  }
  expect(texts()).toEqual(Array.from({ length: 120 }, (_, at) => `m${at}`))
  expect(view()?.items[0]).toMatchObject({ kind: 'notice', event: { type: 'created' } })
})

test('[A4] a page that cannot be loaded says why, and asking again works', async () => {
  const { client, server, online, texts } = makeClient()
  server.addRoom(lab)
  server.say('hello', { id: lab })
  await online()
  server.httpDown = true
  const opened = expect(client.openRoom(lab)).rejects.toMatchObject({ code: 'unavailable' })
  await server.run()
  await opened
  expect(client.snapshot().open.get(lab)).toMatchObject({ loadFailed: 'unavailable', loading: false, items: [] })
  server.httpDown = false
  const again = client.openRoom(lab)
  await Promise.resolve()
  expect(client.snapshot().open.get(lab)).toMatchObject({ loadFailed: undefined, loading: true })
  await server.run()
  await again
  expect(client.snapshot().open.get(lab)?.items.at(-1)).toMatchObject({ text: 'hello' })
  expect(texts()).toEqual([])
})

test('[A4] jumping to an old message loads the page around it, with holes on both sides', async () => {
  const { client, server, online, items } = makeClient()
  for (let at = 0; at < 300; at++) server.say(`m${at}`)
  await online()
  const jumped = client.loadAround(ops, 100)
  await server.run()
  await jumped
  expect(items()[0]).toMatchObject({ seq: 75 })
  expect(gapsOf(items())).toMatchObject([{ after: 124, before: 253 }])
  expect(client.snapshot().open.get(ops)?.hasOlder).toBe(true)
})

test('[A4] edits and reactions of later pages reach the rows of earlier ones', async () => {
  const { client, server, online, items } = makeClient()
  server.say('wrong')
  for (let at = 0; at < 60; at++) server.say(`m${at}`)
  server.append((at) => edited(at, 3, 'right', bob))
  server.append((at) => reacted(at, 3, '👍', carol))
  await online()
  const loaded = client.loadOlder(ops)
  await server.run()
  await loaded
  const message = items().find((item) => item.kind === 'message' && item.seq === 3)
  expect(message).toMatchObject({ text: 'right', editedAt: 64_000, reactions: [{ emoji: '👍', users: [carol] }] })
})

test('[A4] rows that a new message did not touch are the same objects', async () => {
  const { server, online, items } = makeClient()
  server.say('one')
  await online()
  const before = items()
  server.say('two')
  expect(items().slice(0, before.length)).toEqual(before)
  before.forEach((item, at) => {
    expect(items()[at]).toBe(item)
  })
})

test('[RCP] messages of others count as unread until they are marked read; mine mark everything before them', async () => {
  const { client, server, online, pass } = makeClient()
  await online()
  const counts = () => {
    const { unread, mentions, read } = client.snapshot().rooms[0] ?? {}
    return { unread, mentions, read }
  }
  server.say('one')
  server.say('two', { mentions: [alice] })
  server.say('three')
  expect(counts()).toEqual({ unread: 3, mentions: 1, read: 2 })
  client.markRead(ops, 4)
  expect(counts()).toEqual({ unread: 1, mentions: 0, read: 4 })
  client.markRead(ops)
  expect(counts()).toEqual({ unread: 0, mentions: 0, read: 5 })
  await pass(500)
  expect(server.published('/mark')).toEqual([{ read: 5 }])
  server.say('four')
  client.send(ops, { text: 'mine' })
  await server.run()
  expect(counts()).toMatchObject({ unread: 0 })
})

test('[RCP] a page that goes out of sight tells what was read at once', async () => {
  const { client, server, online } = makeClient()
  await online()
  server.say('one')
  client.markRead(ops)
  client.flush()
  await server.run()
  expect(server.published('/mark')).toEqual([{ read: 3 }])
})

test('[RCP] marks that were not acknowledged are told again after a reconnect', async () => {
  const { client, server, online, pass } = makeClient(undefined, {}, { reportDelivered: false })
  await online()
  server.say('one')
  server.drop()
  client.markRead(ops)
  await pass(1_000)
  expect(server.published('/mark')).toEqual([{ read: 3 }])
  server.drop()
  await pass(1_000)
  expect(server.published('/mark')).toHaveLength(1)
})

test('[RCP] arrived messages are reported together, and not where nobody looks', async () => {
  const { server, online, pass } = makeClient()
  server.addRoom(lab, { members: 51 })
  await online()
  for (let at = 0; at < 10; at++) {
    server.say('x')
    server.say('x', { id: lab })
  }
  await pass(500)
  expect(server.published('/mark')).toEqual([{ delivered: 12 }])
})

test('[INB] what the server counts elsewhere wins, unless it counted less than is here', async () => {
  const { client, server, online } = makeClient()
  await online()
  server.say('one')
  server.say('two')
  server.tell('users/alice/inbox', { type: 'unread', room: ops, head: 3, unread: 1, mentions: 0 })
  expect(client.snapshot().rooms[0]?.unread).toBe(2)
  server.tell('users/alice/inbox', { type: 'read', room: ops, read: 4, unread: 0, mentions: 0 })
  expect(client.snapshot().rooms[0]).toMatchObject({ unread: 0, read: 4 })
})

test('[A1] receipts of others make a message of mine delivered and read', async () => {
  const { client, server, online, last } = makeClient()
  await online()
  client.send(ops, { text: 'hi' })
  await server.run()
  const state = () => messageState(last(), client.snapshot().open.get(ops)?.receipts ?? new Map())
  expect(state()).toBe('sent')
  server.tell('rooms/ops/receipts/alice', { read: 3, delivered: 3 })
  expect(state()).toBe('sent')
  server.tell('rooms/ops/receipts/bob', { read: 0, delivered: 3 })
  expect(state()).toBe('delivered')
  server.tell('rooms/ops/receipts/bob', { read: 3, delivered: 3 })
  expect(state()).toBe('read')
})

test('[TYP] somebody types for 6 s after the last sign, or until a message comes', async () => {
  const { client, server, online, pass } = makeClient()
  await online()
  const typing = () => client.snapshot().rooms[0]?.typing
  server.tell('rooms/ops/typing/bob', 1)
  server.tell('rooms/ops/typing/alice', 1)
  expect(typing()).toEqual([bob])
  await pass(5_999)
  expect(typing()).toEqual([bob])
  await pass(1)
  expect(typing()).toEqual([])
  server.tell('rooms/ops/typing/bob', 1)
  server.say('done')
  expect(typing()).toEqual([])
})

test('[TYP] typing is told at most every 3 s, and its end at once', async () => {
  const { client, server, online, pass } = makeClient()
  await online()
  for (let at = 0; at < 5; at++) {
    client.setTyping(ops, true)
    await pass(1_000)
  }
  client.setTyping(ops, false)
  client.setTyping(ops, false)
  await server.run()
  expect(server.published('/typing')).toEqual([1, 1, 0])
})

test('[PRE] presence and names are one person; a name that is missing is asked for once', async () => {
  const { client, server, online } = makeClient()
  await online()
  server.tell('rooms/ops/presence/bob', { state: 'online', since: 5 })
  server.say('hello', { from: carol })
  server.say('again', { from: carol })
  await server.run()
  const { users } = client.snapshot()
  expect(users.get(bob)).toEqual({ id: bob, displayName: 'Bob', presence: { state: 'online', since: 5 } })
  expect(users.get(carol)?.displayName).toBe('Mx carol')
  expect(server.count('/users/carol')).toBe(1)
})

test('[PRE] my status is told now and after each reconnect', async () => {
  const { client, server, online, pass } = makeClient()
  await online()
  client.setStatus({ state: 'away', text: 'lunch' })
  server.drop()
  await pass(500)
  expect(server.published('/status')).toEqual(Array(2).fill({ state: 'away', text: 'lunch' }))
})

test('[ROOM] a room that I was added to appears, one that I was removed from goes, an open one stays without a role', async () => {
  const { client, server, online } = makeClient()
  await online()
  server.addRoom(lab)
  server.tell('users/alice/inbox', { type: 'added', room: lab, role: 'member', by: bob })
  await server.run()
  const names = () => client.snapshot().rooms.map(({ room }) => room)
  expect(names()).toEqual([lab, ops])
  server.tell('users/alice/inbox', { type: 'removed', room: lab, by: bob })
  server.tell('users/alice/inbox', { type: 'removed', room: ops, by: bob })
  expect(names()).toEqual([])
  expect(client.snapshot().open.get(ops)?.summary.role).toBeUndefined()
})

test('[ROOM] a room that appears while the list is on its way is not overlooked', async () => {
  const { client, server, online } = makeClient()
  await online()
  server.tell('users/alice/inbox', { type: 'added', room: lab, role: 'member', by: bob })
  await new Promise(setImmediate)
  server.step()
  server.addRoom(lab)
  server.tell('users/alice/inbox', { type: 'added', room: lab, role: 'member', by: bob })
  await server.run()
  expect(client.snapshot().rooms.map(({ room }) => room)).toEqual([lab, ops])
})

test('[ROOM] a removal while away is noticed by the catch-up', async () => {
  const { client, server, online, pass } = makeClient()
  await online()
  server.drop()
  const { role: _, ...info } = server.room().info
  server.room().info = info
  await pass(500)
  expect(client.snapshot().rooms).toEqual([])
})

test('[ROOM] a public room may be looked at without joining, and is forgotten when closed', async () => {
  const server = new ScriptedServer()
  const { role: _, ...info } = server.addRoom(lab).info
  server.room(lab).info = info
  const { client, online } = makeClient(server)
  await online()
  const opened = client.openRoom(lab)
  await server.run()
  await opened
  server.say('look', { id: lab })
  expect(client.snapshot().open.get(lab)?.items.at(-1)).toMatchObject({ text: 'look' })
  expect(client.snapshot().rooms.map(({ room }) => room)).toEqual([ops])
  const filters = server.links[0]?.socket
    .of('subscribe')
    .flatMap(({ subscriptions }) => subscriptions.map(({ topic }) => topic))
  expect(filters).toContain('rooms/lab/messages')
  client.closeRoom(lab)
  expect(client.snapshot().open.has(lab)).toBe(false)
})

test('[ROOM] names, roles and members follow the events', async () => {
  const { client, server, online } = makeClient()
  await online()
  server.append((at) => ({ seq: at as Seq, at, from: bob, type: 'changed', changes: { name: 'Operations' } }))
  server.append((at) => ({ seq: at as Seq, at, from: bob, type: 'role', user: alice, role: 'admin' }))
  expect(client.snapshot().rooms[0]).toMatchObject({ name: 'Operations', role: 'admin' })
})

test('[MOD1] [MOD3] mutes, the last word of mine and being put out follow the events', async () => {
  const { client, server, online } = makeClient()
  await online()
  await client.openRoom(ops)
  const mine = () => client.snapshot().open.get(ops)?.summary
  const state = (fields: object) => server.append((at) => ({ seq: at as Seq, at, from: bob, ...fields }) as ChatEvent)
  state({ type: 'muted', user: alice, until: 4_000_000_000_000 })
  expect(mine()?.mute).toEqual({ until: 4_000_000_000_000 })
  state({ type: 'unmuted', user: alice })
  expect(mine()?.mute).toBeUndefined()
  state({ type: 'message', from: alice, text: 'spoken', at: 77_000 })
  expect(mine()?.spokeAt).toBe(77_000)
  state({ type: 'changed', changes: { archived: true } })
  expect(mine()?.archived).toBe(true)
  state({ type: 'removed', user: alice, reason: 'spam' })
  expect(mine()).toMatchObject({ role: undefined, putOut: { by: bob, reason: 'spam' } })
  server.tell('users/alice/inbox', { type: 'removed', room: ops, by: bob, reason: 'spam', banned: { until: 5 } })
  expect(mine()?.putOut).toMatchObject({ banned: { until: 5 } })
  state({ type: 'joined', user: alice, role: 'member' })
  expect(mine()).toMatchObject({ role: 'member', putOut: undefined })
})

test('[ROOM] in a direct room the name is the other one, also when it changes', async () => {
  const { client, server, online } = makeClient()
  server.addRoom(lab, { kind: 'direct', peer: bob as UserId, name: '' })
  await online()
  const name = () => client.snapshot().rooms.find(({ room }) => room === lab)?.name
  expect(name()).toBe('Bob')
})

test('[ROOM] an edit or a deletion of the last message shows in the list', async () => {
  const { client, server, online } = makeClient()
  await online()
  server.say('wrong')
  server.append((at) => edited(at, 3, 'right', bob))
  expect(client.snapshot().rooms[0]?.last).toMatchObject({ text: 'right', seq: 3 })
  server.append((at) => ({ seq: at as Seq, at, from: bob, type: 'deleted', target: 3 as Seq }) satisfies ChatEvent)
  expect(client.snapshot().rooms[0]?.last).toMatchObject({ text: '' })
})

test('[P3] a log that was restored from a backup replaces what is here', async () => {
  const { client, server, online, pass, texts } = makeClient()
  server.say('old one')
  server.say('old two')
  await online()
  server.drop()
  const room = server.room()
  room.epoch = 2
  room.events.length = 2
  server.say('new', { lost: true })
  await pass(500)
  await server.run()
  expect(texts()).toEqual(['new'])
  expect(client.snapshot().rooms[0]?.head).toBe(3)
})

test('[B18] cached rooms and pages are shown before the server said anything, and completed by it', async () => {
  let kept: Cached | undefined
  const cache: Cache = {
    load: async () => structuredClone(kept),
    async save(_, cached) {
      kept = structuredClone(cached)
    },
    async clear() {
      kept = undefined
    },
  }
  const first = makeClient(undefined, { cache })
  first.server.say('cached')
  await first.online()
  await first.pass(5_000)
  const { session } = first.ports
  first.client.stop()
  first.server.say('missed')
  first.server.room().info = { ...first.server.room().info, unread: 1 }
  const second = makeClient(first.server, { cache, session })
  await second.client.start()
  await second.client.openRoom(ops)
  expect(second.texts()).toEqual(['cached'])
  expect(second.client.snapshot()).toMatchObject({ roomsLoaded: true, rooms: [{ room: ops, name: 'OPS' }] })
  expect(first.server.links).toHaveLength(1)
  await first.server.run()
  expect(second.texts()).toEqual(['cached', 'missed'])
  expect(second.client.snapshot().rooms[0]?.unread).toBe(1)
  const gone = second.client.signOut()
  await first.server.run()
  await gone
  expect(kept).toBeUndefined()
})
