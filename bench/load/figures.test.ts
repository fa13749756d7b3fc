import { describe, expect, it } from 'vitest'
import { Histogram } from './histogram.ts'
import { formatMark, MARK_BYTES, MarkReader, readSeq } from './mark.ts'
import { OrderCheck } from './order-check.ts'

describe('[BENCH] histogram', () => {
  it('[BENCH] gives percentiles with less than 1 % error', () => {
    const histogram = new Histogram()
    for (let value = 1; value <= 100_000; value += 1) histogram.add(value)
    for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
      const exact = share * 100_000
      expect(Math.abs(histogram.percentile(share) - exact) / exact).toBeLessThan(0.01)
    }
    expect(histogram.summary()?.max).toBe(100)
  })

  it('[BENCH] has no summary without values and takes a negative one for zero', () => {
    const histogram = new Histogram()
    expect(histogram.summary()).toBeUndefined()
    histogram.add(-5)
    expect(histogram.percentile(0.5)).toBe(0)
  })
})

describe('[BENCH] mark', () => {
  it('[BENCH] reads what it wrote, wherever it stands', () => {
    const reader = new MarkReader(1234)
    for (const before of ['', '{"seq":9,"text":"', '{"seq":10,"text":"', '']) {
      const bytes = Buffer.from(`${before}${formatMark(1234, 56_789, 12, 345)}xxxx`)
      expect(reader.read(bytes, 0, bytes.length)).toBe(true)
      expect([reader.stamp, reader.publisher, reader.number]).toEqual([56_789, 12, 345])
    }
    expect(formatMark(1234, 1, 1, 1)).toHaveLength(MARK_BYTES)
  })

  it('[BENCH] takes neither other runs nor other payloads', () => {
    const reader = new MarkReader(1234)
    for (const text of [formatMark(4321, 1, 1, 1), 'no mark at all', 'cut ~1234', '']) {
      const bytes = Buffer.from(text)
      expect(reader.read(bytes, 0, bytes.length)).toBe(false)
    }
  })

  it('[BENCH] finds the seq of an event', () => {
    const event = Buffer.from('{"seq":4711,"type":"message"}')
    expect(readSeq(event, 0, event.length)).toBe(4711)
    const other = Buffer.from('{"type":"rejected"}')
    expect(readSeq(other, 0, other.length)).toBe(0)
  })
})

describe('[BENCH] order check', () => {
  const verdicts = (numbers: number[]) => {
    const check = new OrderCheck(2)
    return numbers.map((number) => check.note(1, number))
  }

  it('[BENCH] tells what is late from what came twice', () => {
    expect(verdicts([1, 2, 2, 5, 4, 4, 3, 5])).toEqual([
      ...['next', 'next', 'duplicate', 'next', 'late', 'duplicate', 'late', 'duplicate'],
    ])
  })

  it('[BENCH] begins anywhere and survives large steps', () => {
    expect(verdicts([500, 501, 540, 501, 539, 539, 571, 540])).toEqual([
      ...['next', 'next', 'next', 'late', 'late', 'duplicate', 'next', 'duplicate'],
    ])
  })
})
