import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { RoomId } from '../../protocol/ids.ts'
import { type ArchivedEvent, openStore, type Store } from '../index.ts'
import { type FaultySocket, openFaultySocket } from '../test/faulty-socket.ts'
import { AT, addUsers, makeRoom, message, roomId, say, userId } from '../test/fixtures.ts'
import { openTestStore, type TestStore } from '../test/open-test-store.ts'

const alice = userId('alice')
let direct: TestStore
let socket: FaultySocket
let store: Store
let room: RoomId
let rooms = 0
const told: ArchivedEvent[] = []

beforeAll(async () => {
  direct = await openTestStore()
  const serverSocket = `${new URL(direct.url.replace('@/', '@x/')).searchParams.get('host')}/.s.PGSQL.5432`
  socket = await openFaultySocket(serverSocket)
  store = await openStore({ database: { driver: 'url', url: socket.url(direct.url) } })
  store.archive.onCommitted((events) => told.push(...events))
  await addUsers(direct, alice)
})
afterAll(async () => {
  await store.close()
  await socket.close()
  await direct.close()
})
beforeEach(async () => {
  rooms += 1
  room = roomId(`room-${rooms}`)
  await makeRoom(store, room, [alice])
})

const texts = async () => {
  const { messages } = await direct.archive.page({ room, limit: 1_000 })
  expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, place) => place + 1))
  expect(told.filter((event) => event.room === room).map(({ seq }) => seq)).toEqual(messages.map(({ seq }) => seq))
  return messages.flatMap((event) => (event.type === 'message' ? [event.text] : []))
}

it('[P4] an answer that is lost after the commit does not make a message twice, with or without an id', async () => {
  const said: string[] = []
  for (let round = 0; round < 10; round += 1) {
    const batch = [0, 1, 2].map((count) => `${round} ${count}`)
    socket.cutAtAnswer(1)
    await say(store, room, alice, ...batch)
    said.push(...batch)
  }
  expect(socket.cuts()).toBeGreaterThanOrEqual(10)
  expect(await texts()).toEqual(said)
})

it('[P1] a request that is lost before the commit is sent again', async () => {
  const cuts = socket.cuts()
  const said: string[] = []
  for (let round = 0; round < 10; round += 1) {
    socket.cutAtRequest()
    await say(store, room, alice, `${round}`)
    said.push(`${round}`)
  }
  expect(socket.cuts()).toBe(cuts + 10)
  expect(await texts()).toEqual(said)
})

it('[P1] a change says that it is made if and only if it is, wherever the connection breaks', async () => {
  let made = 2
  const outcomes = new Set<boolean>()
  for (let place = 1; place <= 7; place += 1) {
    await say(store, room, alice, 'connected')
    made += 1
    socket.cutAtAnswer(place)
    const name = `name ${place}`
    const change = store.archive.appendWith(room, async (transaction) => {
      await store.rooms.patch(transaction, room, { name }, AT)
      return [{ type: 'changed', from: alice, at: AT, changes: { name } }]
    })
    const done = await change.then(
      () => true,
      (error: { code: string }) => {
        expect(error.code).toBe('unavailable')
        return false
      },
    )
    outcomes.add(done)
    if (done) made += 1
    expect((await direct.rooms.get(room))?.name === name).toBe(done)
    expect(await direct.archive.heads([room])).toEqual(new Map([[room, made]]))
  }
  expect(outcomes).toEqual(new Set([true, false]))
  socket.cutAtAnswer(0)
  await texts()
})

it('[P4] both nodes hold what a broken connection was about to write', async () => {
  socket.cutAtAnswer(1)
  const mine = store.archive.append({ room, draft: message(alice, 'mine') })
  const theirs = direct.archive.append({ room, draft: message(alice, 'theirs') })
  const [{ event: a }, { event: b }] = await Promise.all([mine, theirs])
  expect([a.seq, b.seq].sort()).toEqual([3, 4])
})
