import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { AT, addUsers, makeRoom, roomId, say, userId } from '../test/fixtures.ts'
import { openTestStore, type TestStore } from '../test/open-test-store.ts'

const alice = userId('alice')
const [large, small] = [roomId('large'), roomId('small')]
const EVENTS = 1_000_000
let store: TestStore

beforeAll(async () => {
  store = await openTestStore()
  await addUsers(store, alice)
  await makeRoom(store, large, [alice])
  await makeRoom(store, small, [alice])
  await say(store, small, alice, ...Array.from({ length: 8 }, (_, count) => `m${count}`))
  const client = new pg.Client({ connectionString: store.url })
  await client.connect()
  await client.query(
    `insert into events (room_id, seq, type, author, at, target, messages, body)
     select $1, seq, 'message', 'alice', $2, null, seq - 2, json_build_object('type', 'message', 'text', 'm' || seq)
     from generate_series(3, $3::int) seq`,
    [large, AT, EVENTS],
  )
  await client.query('update rooms set head = $2, messages = $2 - 2, last_message = $2 where id = $1', [large, EVENTS])
  await client.end()
}, 240_000)
afterAll(() => store.close())

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let count = 0; count < 21; count += 1) {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  return times.sort((a, b) => a - b)[10] ?? 0
}

it('[P3] a room of a million events opens at its last page as fast as one of ten', async () => {
  const open = (room: typeof large) => () => store.archive.page({ room, limit: 8 })
  expect((await open(large)()).messages.at(-1)).toMatchObject({ seq: EVENTS })
  const [ten, million] = [await median(open(small)), await median(open(large))]
  expect(million).toBeLessThan(3 * ten + 15)
  expect(await median(() => store.archive.page({ room: large, before: EVENTS / 2, limit: 8 }))).toBeLessThan(
    3 * ten + 15,
  )
  expect(await median(() => store.archive.catchUp([{ room: large, after: 100 }], 8))).toBeLessThan(3 * ten + 15)
})

it('[P3] unread counts do not count the events', async () => {
  const before = performance.now()
  const [overview] = await store.rooms.overview(alice)
  expect(overview).toMatchObject({ id: large, unread: 0, last: { text: `m${EVENTS}` } })
  await store.marks.advance([{ room: large, user: alice, read: 10 }])
  expect(performance.now() - before).toBeLessThan(250)
})

it('[P3] appending to it costs what it costs elsewhere', async () => {
  const ten = await median(() => say(store, small, alice, 'more'))
  expect(await median(() => say(store, large, alice, 'more'))).toBeLessThan(3 * ten + 15)
})
