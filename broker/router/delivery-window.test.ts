import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DeliveryWindow, WINDOW } from './delivery-window.ts'

type Subscription = { name: string; position: number; acknowledged: number }
const subscription = (name: string): Subscription => ({ name, position: 0, acknowledged: 0 })

/** The same, one entry per packet and nothing clever. */
class NaiveWindow {
  nextId = 1
  open: { id: number; subscription: Subscription; seq: number }[] = []

  take(one: Subscription, seqs: number[]): number {
    const firstId = this.nextId
    for (const seq of seqs) {
      this.open.push({ id: this.nextId, subscription: one, seq })
      this.nextId = this.nextId === 65_535 ? 1 : this.nextId + 1
    }
    return firstId
  }

  acknowledge(id: number): void {
    this.open = this.open.filter((entry) => entry.id !== id)
  }

  acknowledged(one: Subscription): number {
    const lowest = this.open.find((entry) => entry.subscription.name === one.name)
    return lowest === undefined ? one.position : lowest.seq - 1
  }
}

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 12 }), to: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 5, arbitrary: fc.record({ acknowledge: fc.nat(), early: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ unknown: fc.integer({ min: 1, max: 65_535 }) }) },
)

describe('the packets in flight', () => {
  test('[CUR1] behave like a plain list, whatever is acknowledged in whatever order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), fc.constantFrom(0, 65_500, 65_535), (steps, start) => {
        const window = new DeliveryWindow<Subscription>()
        const naive = new NaiveWindow()
        const subscriptions = ['a', 'b', 'c'].map(subscription)
        const mirror = ['a', 'b', 'c'].map(subscription)
        const warmUp = subscription('warm-up')
        for (let used = 0; used < start; used += 100) {
          const count = Math.min(100, start - used)
          const first = window.take(warmUp, Array(count).fill(1))
          expect(naive.take(warmUp, Array(count).fill(1))).toBe(first)
          for (let i = 0; i < count; i++) {
            window.acknowledge(((first - 1 + i) % 65_535) + 1)
            naive.acknowledge(((first - 1 + i) % 65_535) + 1)
          }
        }
        for (const one of steps) {
          if ('take' in one) {
            const target = subscriptions[one.to] as Subscription
            const copy = mirror[one.to] as Subscription
            const seqs = Array.from({ length: one.take }, (_, i) => target.position + 1 + 2 * i)
            expect(window.take(target, seqs)).toBe(naive.take(copy, seqs))
            target.position = copy.position = seqs.at(-1) as number
          } else {
            const inFlight = naive.open
            const place = 'early' in one ? (one.early ? one.acknowledge % (inFlight.length || 1) : 0) : -1
            const id = 'unknown' in one ? one.unknown : inFlight[place]?.id
            if (id === undefined) continue
            const before = subscriptions.map(({ acknowledged }) => acknowledged)
            const moved = window.acknowledge(id)
            naive.acknowledge(id)
            subscriptions.forEach((each, index) => {
              if (each === moved) expect(each.acknowledged).toBeGreaterThan(before[index] as number)
              else expect(each.acknowledged).toBe(before[index])
            })
          }
          expect(window.inFlight).toBe(naive.open.length)
          expect(window.free).toBe(WINDOW - naive.open.length)
          subscriptions.forEach((each, index) => {
            const copy = mirror[index] as Subscription
            const open = naive.open.some((entry) => entry.subscription.name === each.name)
            expect(window.isOpen(each)).toBe(open)
            if (each.acknowledged > 0 || !open) expect(each.acknowledged).toBeLessThanOrEqual(naive.acknowledged(copy))
          })
        }
        for (const { id } of [...naive.open]) window.acknowledge(id)
        for (const each of subscriptions) expect(each.acknowledged).toBe(each.position)
        expect(window.inFlight).toBe(0)
      }),
      { numRuns: 120 },
    )
  })

  test('[CUR1] an acknowledgement moves the position to just before the first that is missing', () => {
    const window = new DeliveryWindow<Subscription>()
    const one = subscription('a')
    const first = window.take(one, [10, 11, 15])
    one.position = 20
    expect(window.acknowledge(first + 2)).toBeUndefined()
    expect(window.acknowledge(first)).toBe(one)
    expect(one.acknowledged).toBe(10)
    expect(window.acknowledge(first + 1)).toBe(one)
    expect(one.acknowledged).toBe(20)
    expect(window.acknowledge(first + 1)).toBeUndefined()
  })

  test('[MQTT-2.3.1] ids are 1 to 65535 and come again after the last', () => {
    const window = new DeliveryWindow<Subscription>()
    const one = subscription('a')
    let expected = 1
    for (let i = 0; i < 70_000; i += 7) {
      const first = window.take(one, [1, 2, 3, 4, 5, 6, 7])
      expect(first).toBe(expected)
      for (let j = 0; j < 7; j++) window.acknowledge(((first - 1 + j) % 65_535) + 1)
      expected = ((expected + 6) % 65_535) + 1
    }
    expect(window.inFlight).toBe(0)
  })
})
