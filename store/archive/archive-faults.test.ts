import { afterEach, beforeEach, expect, it } from 'vitest'
import { ChatError } from '../../protocol/errors.ts'
import type { CommandId } from '../../protocol/ids.ts'
import { readPostmaster } from '../embedded/postmaster.ts'
import { type ArchivedEvent, openStore, type Store } from '../index.ts'
import { freezeServer, killServer } from '../test/faults.ts'
import { AT, addUsers, makeRoom, message, roomId, say, userId } from '../test/fixtures.ts'
import { removeFolder, temporaryFolder, until, watch } from '../test/test-server.ts'

const alice = userId('alice')
const rooms = [roomId('a'), roomId('b'), roomId('c')]
let directory: string
let store: Store
let told: ArchivedEvent[]
let watchdog: ReturnType<typeof watch>

beforeEach(async () => {
  directory = await temporaryFolder()
  store = await openStore({ database: { driver: 'embedded', directory } })
  watchdog = watch(directory)
  told = []
  store.archive.onCommitted((events) => told.push(...events))
  await addUsers(store, alice)
  for (const room of rooms) await makeRoom(store, room, [alice])
})
afterEach(async () => {
  await store.close()
  await removeFolder(directory)
  watchdog.stdin?.end()
})

const serverPid = async () => (await readPostmaster(`${directory}/postgres`))?.pid ?? 0

/** Sends numbered messages until told to stop, each until it is acknowledged. Answers what was acknowledged where. */
async function publish(name: string, going: () => boolean): Promise<Map<string, number>> {
  const acknowledged = new Map<string, number>()
  for (let count = 0; going(); count += 1) {
    const room = rooms[count % rooms.length] ?? roomId('a')
    const id = `${name}-${count}` as CommandId
    for (;;) {
      try {
        const { event } = await store.archive.append({ room, draft: message(alice, id, { id }), commandId: id })
        acknowledged.set(`${room} ${id}`, event.seq)
        break
      } catch (error) {
        if (!(error instanceof ChatError) || error.code !== 'unavailable') throw error
      }
    }
  }
  return acknowledged
}

/** Everything acknowledged is there at its place, nothing is there twice, and everything that is there was told of once. */
async function expectWhole(acknowledged: Map<string, number>): Promise<void> {
  const found = new Map<string, number>()
  for (const room of rooms) {
    const { messages } = await store.archive.page({ room, limit: 100_000 })
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, place) => place + 1))
    expect(told.filter((event) => event.room === room).map(({ seq }) => seq)).toEqual(messages.map(({ seq }) => seq))
    const texts = messages.flatMap((event) => (event.type === 'message' ? [[event.text, event.seq] as const] : []))
    for (const [text, seq] of texts) found.set(`${room} ${text}`, seq)
    expect(new Set(texts.map(([text]) => text)).size).toBe(texts.length)
  }
  for (const [key, seq] of acknowledged) expect([key, found.get(key)]).toEqual([key, seq])
}

it('[P1] PostgreSQL killed under load, three times: nothing acknowledged is lost, nothing is there twice', async () => {
  let going = true
  const publishers = ['x', 'y', 'z'].flatMap((name) => [1, 2, 3].map((lane) => publish(`${name}${lane}`, () => going)))
  for (let round = 0; round < 3; round += 1) {
    const before = told.length
    await until(() => told.length > before + 100)
    await killServer(await serverPid())
  }
  const after = told.length
  await until(() => told.length > after + 100)
  going = false
  const acknowledged = new Map((await Promise.all(publishers)).flatMap((part) => [...part]))
  expect(acknowledged.size).toBeGreaterThan(300)
  await expectWhole(acknowledged)
  expect(await store.check()).toBe(true)
}, 60_000)

it('[P1] PostgreSQL frozen: refused as unavailable within 6 s, and it goes on by itself', async () => {
  await say(store, rooms[0] ?? roomId('a'), alice, 'before')
  const [room = roomId('a')] = rooms
  const thaw = await freezeServer(await serverPid())
  const began = performance.now()
  const late = async (work: Promise<unknown>) => {
    const code = await work.then(
      () => 'done',
      (error: ChatError) => error.code,
    )
    return [code, performance.now() - began < 6_500]
  }
  try {
    const [first, second, change, page, standing, check] = await Promise.all([
      late(store.archive.append({ room, draft: message(alice, 'first') })),
      late(store.archive.append({ room, draft: message(alice, 'second') })),
      late(store.archive.appendWith(room, async () => [{ type: 'pinned', from: alice, at: AT, target: 3 as never }])),
      late(store.archive.page({ room, limit: 5 })),
      late(store.members.standing(alice, room)),
      store.check(),
    ])
    const refused = ['unavailable', true]
    expect([first, second, change, page, standing]).toEqual([refused, refused, refused, refused, refused])
    expect(check).toBe(false)
    expect(store.archive.stats().queued).toBe(0)
  } finally {
    thaw()
  }
  await until(async () => (await store.check()) && (await say(store, room, alice, 'after')).length > 0)
  const texts = (await store.archive.page({ room, limit: 100 })).messages.flatMap((event) =>
    event.type === 'message' ? [event.text] : [],
  )
  // What was refused may have been written by then, once; its sender was told to send it again.
  expect(new Set(texts).size).toBe(texts.length)
  expect([texts.at(0), texts.at(-1)]).toEqual(['before', 'after'])
  await expectWhole(new Map())
}, 60_000)

it('[P1] closing while the database is gone refuses what waits', async () => {
  const thaw = await freezeServer(await serverPid())
  const waiting = store.archive.append({ room: roomId('a'), draft: message(alice, 'hi') })
  const outcome = waiting.catch((error: ChatError) => error.code)
  const closing = store.close()
  expect(await outcome).toBe('unavailable')
  await expect(store.archive.append({ room: roomId('a'), draft: message(alice, 'hi') })).rejects.toMatchObject({
    code: 'unavailable',
  })
  thaw()
  await closing
}, 60_000)
