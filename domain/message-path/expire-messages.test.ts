import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HistoryPage } from '../../protocol/events.ts'
import type { Sent } from '../../protocol/http.ts'
import { type House, openHouse, room } from '../test/open-house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
  await house.addUsers('alice', 'bob')
  await house.call('alice', 'create-room', { room: 'ops', kind: 'public', members: ['bob'] })
})
afterAll(() => house.close())

const deleted = (seq: number) =>
  house.heard('events', (events) =>
    events.some(({ draft }) => draft.type === 'deleted' && draft.target === seq && draft.from === 'alice'),
  )

test('[EVT6] a message with a ttl is deleted when it is over, in the name of its author, and its text is gone', async () => {
  const { seq } = await house.call<Sent>('alice', 'send', { room: 'ops', text: 'for a minute', ttl: 60 })
  const kept = await house.call<Sent>('alice', 'send', { room: 'ops', text: 'for an hour', ttl: 3600 })
  let over = false
  const waited = deleted(seq).then(() => {
    over = true
  })
  house.advance(60_000)
  while (!over) {
    house.advance(1_000)
    await house.call('bob', 'sync') // lets a look at the database come to its end
  }
  await waited
  const page = await house.call<HistoryPage>('bob', 'history', { room: 'ops' })
  expect(page.messages.find((event) => event.seq === seq)).toMatchObject({ text: '', deleted: true })
  expect(page.messages.find((event) => event.seq === kept.seq)).toMatchObject({ text: 'for an hour' })
  expect(await house.store.archive.expired(house.clock.now(), 10)).toEqual([])
})

test('[EVT6] a message that its author deleted before is not deleted again', async () => {
  const { seq } = await house.call<Sent>('alice', 'send', { room: 'ops', text: 'regretted', ttl: 10 })
  await house.call('alice', 'send', { room: 'ops', type: 'delete', seq })
  expect(await house.store.archive.expired(house.clock.now() + 60_000, 10)).not.toContainEqual(
    expect.objectContaining({ room: room('ops'), seq }),
  )
})
