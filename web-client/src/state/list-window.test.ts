import { describe, expect, test } from 'vitest'
import { extendDown, extendUp, followItems, MOUNTED_MAX, windowAround, windowAtEnd } from './list-window.ts'

const items = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({ key: `k${from + index}` }))

describe('window of mounted rows', () => {
  test('[B19] is at most 360 rows, whatever happens', () => {
    let all = items(0, 500)
    let window = windowAtEnd(all)
    for (let step = 0; step < 500; step++) {
      window = [extendUp, extendDown][step % 3 === 0 ? 1 : 0]?.(all, window) ?? window
      if (step % 5 === 0) {
        all = items(-step, 500 + step)
        window = followItems(all, window, window.to >= all.length, step % 2 === 0)
      }
      expect(window.to - window.from).toBeLessThanOrEqual(MOUNTED_MAX)
      expect(window.from).toBeGreaterThanOrEqual(0)
      expect(window.to).toBeLessThanOrEqual(all.length)
    }
  })

  test('[R5] shows the same rows when older ones are put before them', () => {
    const before = windowAround(items(0, 400), 200)
    const after = followItems(items(-50, 400), before, false, false)
    expect([after.firstKey, after.lastKey]).toEqual([before.firstKey, before.lastKey])
    expect(after.from).toBe(before.from + 50)
  })

  test('[R6] follows the end, and gives up the beginning in chunks', () => {
    let window = windowAtEnd(items(0, 120))
    for (let length = 121; length < 700; length++) window = followItems(items(0, length), window, true, true)
    expect(window.to).toBe(699)
    expect(window.to - window.from).toBeGreaterThan(MOUNTED_MAX - 61)
  })

  test('[R6] a reader in the past keeps his rows while new ones arrive', () => {
    const before = windowAround(items(0, 1000), 100)
    const after = followItems(items(0, 1100), before, false, false)
    expect(after).toEqual(before)
  })
})
