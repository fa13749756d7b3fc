import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Receipt } from '../../protocol/presence.ts'
import { codeOf, type House, openHouse, room, sessionOf, user } from '../test/open-house.ts'

let house: House
const ops = room('ops')

beforeAll(async () => {
  house = await openHouse()
  await house.addUsers('alice', 'bob', 'carol')
  await house.call('alice', 'create-room', { room: 'ops', kind: 'public', members: ['bob'] }) // seq 1 to 3
  for (const name of ['alice', 'bob']) await house.domain.access.roomsOf(user(name)) // as when they are connected
  for (let i = 0; i < 7; i++) await house.call('alice', 'send', { room: 'ops', text: `${i}`, mentions: ['bob'] })
})
afterAll(() => house.close())
beforeEach(async () => {
  await house.domain.receipts.flush()
  house.hush()
})

const mark = (as: string, read?: number, delivered?: number): Promise<Receipt> =>
  house.domain.receipts.mark(sessionOf(as), ops, { read, delivered })

describe('[RCP1] marks', () => {
  it('[RCP1] move forward, never back, never past the head', async () => {
    const all = await flushed(mark('bob', 5), mark('bob', 4, 6), mark('bob', undefined, 5))
    expect(all).toEqual(Array(3).fill({ read: 5, delivered: 6 }))
    expect(await flushed(mark('bob', 3))).toEqual([{ read: 5, delivered: 6 }])
    expect(await flushed(mark('bob', undefined, 2 ** 40))).toEqual([{ read: 5, delivered: 10 }])
    expect(await house.store.marks.get(ops, user('bob'))).toEqual({ read: 5, delivered: 10 })
  })

  it('[RCP1] [INB1] many at once are one note to the room and one to the own devices', async () => {
    await flushed(mark('bob', 6), mark('bob', 7), mark('bob', 8))
    await house.heard('inbox', () => true)
    expect(house.told()).toEqual([
      ['receipt', { room: 'ops', user: 'bob', receipt: { read: 8, delivered: 10 }, read: true }],
      ['inbox', { user: 'bob', notice: { type: 'read', room: 'ops', read: 8, unread: 2, mentions: 2 } }],
    ])
  })

  it('[RCP1] what moves nothing is told to nobody', async () => {
    await flushed(mark('bob', 2))
    expect(house.told()).toEqual([])
  })

  it('[RCP1] marks that come soon after a write wait for the next, at most 200 ms', async () => {
    house.advance(1_000)
    await mark('alice', 5)
    await nextTurn() // in which the write ends and the rest begins
    const next = [mark('alice', 6), mark('alice', 7)]
    house.advance(200)
    expect(await Promise.all(next)).toEqual(Array(2).fill({ read: 7, delivered: 7 }))
  })

  it('[RCP1] strangers, tokens for reading and those who left set none', async () => {
    expect(await codeOf(mark('carol', 3))).toBe('not_member')
    const readOnly = sessionOf('bob', { rooms: null, access: 'read' })
    expect(await codeOf(house.domain.receipts.mark(readOnly, ops, { read: 9 }))).toBe('out_of_scope')
    await house.call('carol', 'join', { room: 'ops' })
    await flushed(mark('carol', 3))
    await house.call('carol', 'leave', { room: 'ops' })
    expect(await codeOf(mark('carol', 4))).toBe('not_member')
    expect(await codeOf(house.call('alice', 'mark', { room: 'ops' }))).toBe('invalid_request')
  })
})

/** Marks that need not wait for the timer. */
async function flushed(...marks: Promise<Receipt>[]): Promise<Receipt[]> {
  await house.domain.receipts.flush()
  return Promise.all(marks)
}
