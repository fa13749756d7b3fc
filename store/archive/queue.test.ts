import { describe, expect, it } from 'vitest'
import { ChatError } from '../../protocol/errors.ts'
import { message, roomId, userId } from '../test/fixtures.ts'
import { encodeEntry } from './entry.ts'
import { type AppendItem, createQueue, type WorkItem } from './queue.ts'

const draft = message(userId('alice'), 'hi')

function item(more: { since?: number; bytes?: number; key?: string } = {}): AppendItem & { errors: unknown[] } {
  const errors: unknown[] = []
  const entry = { ...encodeEntry({ room: roomId('ops'), draft }), keys: more.key === undefined ? [] : [more.key] }
  const { since = 0, bytes = 1 } = more
  return {
    kind: 'append',
    entry,
    since,
    bytes,
    over: false,
    resolve: () => undefined,
    reject: (e) => errors.push(e),
    errors,
  }
}
const change = (): WorkItem => ({
  kind: 'work',
  room: roomId('ops'),
  work: async () => [],
  since: 0,
  bytes: 0,
  over: false,
  resolve: () => undefined,
  reject: () => undefined,
})

describe('the queue in front of the archive', () => {
  it('[P2] batches keep the order; a change goes alone, between what came before and after it', () => {
    const queue = createQueue()
    const [a, b, c, d] = [item(), item(), change(), item()]
    for (const one of [a, b, c, d]) queue.add(one)
    expect(queue.take(1)).toEqual([a])
    expect(queue.take(9)).toEqual([b])
    expect(queue.take(9)).toBe(c)
    expect(queue.take(9)).toEqual([d])
    expect(queue.take(9)).toBeUndefined()
  })

  it('[P4] the same key never comes twice in one batch', () => {
    const queue = createQueue()
    const [a, b, c] = [item({ key: 'x' }), item({ key: 'y' }), item({ key: 'x' })]
    for (const one of [a, b, c]) queue.add(one)
    expect(queue.take(9)).toEqual([a, b])
    expect(queue.take(9)).toEqual([c])
  })

  it('[P1] what was taken and not committed comes first again, without those refused meanwhile', () => {
    const queue = createQueue()
    const [a, b, c] = [item({ since: 0 }), item({ since: 2_000 }), item({ since: 3_000 })]
    for (const one of [a, b]) queue.add(one)
    expect(queue.take(9)).toEqual([a, b])
    queue.add(c)
    queue.refuseOld(4_999)
    expect(a.over).toBe(false)
    queue.refuseOld(5_000)
    expect(a.errors).toMatchObject([{ code: 'unavailable' }])
    queue.putBack([a, b])
    expect(queue.take(9)).toEqual([b, c])
    expect(queue.empty).toBe(true)
    expect(queue.entries).toBe(2) // under way
  })

  it('[P7] full at 20 000 entries, refusing at twice that, drained at half', async () => {
    const queue = createQueue()
    let drained = false
    await queue.drained()
    for (let count = 0; count < 19_999; count += 1) queue.add(item())
    expect(queue.full).toBe(false)
    queue.add(item())
    expect(queue.full).toBe(true)
    const waiting = queue.drained().then(() => {
      drained = true
    })
    for (let count = 0; count < 20_000; count += 1) queue.add(item())
    expect(() => queue.add(item())).toThrow(ChatError)
    for (let left = 40_000; left > 0; ) {
      const batch = queue.take(1_000)
      if (!Array.isArray(batch)) throw new Error('no batch')
      for (const one of batch) queue.finish(one, () => undefined)
      left -= batch.length
      await Promise.resolve()
      expect(drained).toBe(left < 10_000)
    }
    await waiting
    expect([queue.entries, queue.bytes, queue.full]).toEqual([0, 0, false])
  })

  it('[P7] full at 32 MB, however few entries, and a batch is at most a little over 4 MB', () => {
    const queue = createQueue()
    const size = 2 ** 20
    for (let count = 0; count < 32; count += 1) queue.add(item({ bytes: size }))
    expect(queue.full).toBe(true)
    expect(queue.take(1_000)).toHaveLength(5)
  })

  it('[P1] nobody is told twice', () => {
    const queue = createQueue()
    const one = item()
    let told = 0
    queue.add(one)
    for (let count = 0; count < 2; count += 1) queue.finish(one, () => (told += 1))
    queue.refuseOld(9_999)
    expect([told, one.errors]).toEqual([1, []])
  })
})
