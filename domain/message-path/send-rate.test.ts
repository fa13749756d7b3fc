import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { UserId } from '../../protocol/ids.ts'
import { createSendRate } from './send-rate.ts'

const [alice, bob] = ['alice', 'bob'] as UserId[] as [UserId, UserId]

function open(perSecond: number) {
  const clock = { now: 1_000_000 }
  return { clock, rate: createSendRate(perSecond, () => clock.now) }
}

describe('the rate of sending', () => {
  test('[LIM4] three seconds’ worth goes at once, then the sender is slowed, then refused', () => {
    const { clock, rate } = open(20)
    for (let i = 0; i < 60; i++) expect(rate.take(alice)).toEqual({ ok: true, pauseMs: 0 })
    expect(rate.take(alice)).toEqual({ ok: true, pauseMs: 50 })
    expect(rate.take(alice)).toEqual({ ok: true, pauseMs: 100 })
    for (let i = 2; i < 40; i++) expect(rate.take(alice)).toMatchObject({ ok: true })
    expect(rate.take(alice)).toEqual({ ok: false, retryAfterMs: 50 })
    expect(rate.take(alice)).toEqual({ ok: false, retryAfterMs: 50 }) // a refusal costs nothing
    clock.now += 50
    expect(rate.take(alice)).toEqual({ ok: true, pauseMs: 2_000 })
  })

  test('[LIM4] the next message after a flood waits at most 2 s', () => {
    const { clock, rate } = open(20)
    for (let i = 0; i < 10_000; i++) rate.take(alice)
    clock.now += 2_050
    expect(rate.take(alice)).toEqual({ ok: true, pauseMs: 0 })
  })

  test('[LIM4] users do not pay for each other, and 0 is no limit', () => {
    const { rate } = open(1)
    for (let i = 0; i < 100; i++) rate.take(alice)
    expect(rate.take(bob)).toEqual({ ok: true, pauseMs: 0 })
    const free = open(0)
    for (let i = 0; i < 10_000; i++) expect(free.rate.take(alice)).toEqual({ ok: true, pauseMs: 0 })
  })

  test('[LIM4] a clock that goes back gives nothing and takes nothing', () => {
    const { clock, rate } = open(20)
    for (let i = 0; i < 60; i++) rate.take(alice)
    clock.now -= 3_600_000
    expect(rate.take(alice)).toEqual({ ok: true, pauseMs: 50 })
    clock.now += 1_000
    expect(rate.take(alice)).toEqual({ ok: true, pauseMs: 0 })
  })

  test('[LIM4] over any time no more passes than the burst, the rate and the debt', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(waits, (gaps) => {
        const { clock, rate } = open(10)
        const start = clock.now
        let passed = 0
        for (const gap of gaps) {
          clock.now += gap
          const toll = rate.take(alice)
          if (toll.ok) passed++
          if (toll.ok) expect(toll.pauseMs).toBeLessThanOrEqual(2_000)
          else expect(toll.retryAfterMs).toBeGreaterThan(0)
          expect(passed).toBeLessThanOrEqual(30 + 20 + ((clock.now - start) / 1000) * 10 + 1)
        }
      }),
    )
  })
})
