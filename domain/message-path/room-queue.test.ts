import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RoomId } from '../../protocol/ids.ts'
import { createRoomQueue } from './room-queue.ts'

const [ops, dev] = ['ops', 'dev'] as RoomId[] as [RoomId, RoomId]

describe('the queue of a room', () => {
  test('[P2] a step with nothing before it runs at once', () => {
    const queue = createRoomQueue()
    expect(queue.inTurn(ops, () => ({ done: 1 }))).toEqual({ done: 1 })
    expect(queue.inTurn(ops, () => ({ done: 2 }))).toEqual({ done: 2 })
  })

  test('[P2] a step that waits holds up its room, and no other', async () => {
    const queue = createRoomQueue()
    const seen: string[] = []
    const gate = deferred()
    const step = (name: string) => () => {
      seen.push(name)
      return {}
    }
    const first = queue.inTurn(ops, async () => {
      await gate.promise
      return step('first')()
    })
    const second = queue.inTurn(ops, step('second'))
    queue.inTurn(dev, step('other room'))
    expect(seen).toEqual(['other room'])
    gate.resolve({})
    await Promise.all([first, second])
    expect(seen).toEqual(['other room', 'first', 'second'])
  })

  test('[P2] a step that fails fails alone', async () => {
    const queue = createRoomQueue()
    const failing = queue.inTurn(ops, () => Promise.reject(new Error('no')))
    const next = queue.inTurn(ops, () => ({ done: true }))
    await expect(failing).rejects.toThrow('no')
    expect(await next).toEqual({ done: true })
    expect(() =>
      queue.inTurn(ops, () => {
        throw new Error('at once')
      }),
    ).toThrow('at once')
    expect(queue.inTurn(ops, () => ({ done: 1 }))).toEqual({ done: 1 })
  })

  test('[P2] whatever waits how long, each room keeps the order of arrival', async () => {
    const steps = fc.array(fc.record({ room: fc.constantFrom(ops, dev), turns: fc.integer({ min: 0, max: 4 }) }), {
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const queue = createRoomQueue()
        const seen: Record<string, number[]> = { ops: [], dev: [] }
        const take = (room: RoomId, index: number) => {
          seen[room]?.push(index)
          return {}
        }
        await Promise.all(
          given.map(({ room, turns }, index) =>
            queue.inTurn(room, () => (turns === 0 ? take(room, index) : later(turns).then(() => take(room, index)))),
          ),
        )
        for (const indexes of Object.values(seen)) expect(indexes).toEqual([...indexes].sort((a, b) => a - b))
        expect((seen.ops?.length ?? 0) + (seen.dev?.length ?? 0)).toBe(given.length)
      }),
      { numRuns: 300 },
    )
  })
})

async function later(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await Promise.resolve()
}

function deferred() {
  let resolve: (value: object) => void = () => undefined
  const promise = new Promise<object>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
