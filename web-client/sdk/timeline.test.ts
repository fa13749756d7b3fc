import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChatEvent } from '../../protocol/events.ts'
import { created, deleted, edited, joined, log, message, pinned, reacted, unreacted } from './test/events.ts'
import {
  addEvents,
  addPage,
  emptyTimeline,
  gapsOf,
  hasOlder,
  lastPage,
  raiseHead,
  restoreTimeline,
  type Timeline,
  trimTimeline,
} from './timeline.ts'

const empty = emptyTimeline(0)
const seqs = (timeline: Timeline): number[] => timeline.rows.map(({ seq }) => seq)
const row = (timeline: Timeline, seq: number) => timeline.rows.find((one) => one.seq === seq)

/** Logs as a server could write them: what has a target has an earlier one. */
const logs = fc.array(fc.record({ kind: fc.nat(7), target: fc.nat(), author: fc.nat(2) }), { maxLength: 30 }).map(log)
const shuffled = logs.chain((events) =>
  fc.record({
    events: fc.constant(events),
    order: fc.shuffledSubarray([...events, ...events, ...events], {
      minLength: events.length * 3,
      maxLength: events.length * 3,
    }),
    cuts: fc.array(fc.nat(events.length * 3), { maxLength: 6 }),
  }),
)

function chunks(events: ChatEvent[], cuts: number[]): ChatEvent[][] {
  const ends = [...cuts, events.length].sort((a, b) => a - b)
  return ends.map((end, at) => events.slice(ends[at - 1] ?? 0, end))
}

test('[P2] any order, any repetition and any batches of the same events give the same timeline', () => {
  fc.assert(
    fc.property(shuffled, ({ events, order, cuts }) => {
      const inOrder = addEvents(empty, events)
      const otherwise = chunks(order, cuts).reduce(addEvents, empty)
      expect(otherwise).toEqual(inOrder)
      expect(seqs(otherwise)).toEqual([...seqs(otherwise)].sort((a, b) => a - b))
    }),
  )
})

test('[P3] pages in any order, with the related events of each, give the same rows as the live log', () => {
  const cut = fc.record({ events: logs, size: fc.integer({ min: 1, max: 7 }), reversed: fc.boolean() })
  fc.assert(
    fc.property(cut, ({ events, size, reversed }) => {
      const pages = []
      for (let at = 0; at < events.length; at += size) {
        const messages = events.slice(at, at + size)
        const inside = new Set<number>(messages.map(({ seq }) => seq))
        const related = events.filter(
          (event) => 'target' in event && inside.has(event.target) && !inside.has(event.seq),
        )
        pages.push({ from: at + 1, to: at + messages.length, messages, related })
      }
      if (reversed) pages.reverse()
      const paged = pages.reduce(addPage, empty)
      expect(paged.rows).toEqual(addEvents(empty, events).rows)
      expect(gapsOf(paged)).toEqual([])
      expect(paged.orphans.size).toBe(0)
    }),
  )
})

test('[P3] what is missing is a gap, and what closes it leaves none', () => {
  fc.assert(
    fc.property(shuffled, ({ events, order }) => {
      const half = addEvents(empty, order.slice(0, Math.ceil(order.length / 2)))
      const known = new Set(
        events.filter(({ seq }) => half.known.some(([a, b]) => a <= seq && seq <= b)).map((e) => e.seq),
      )
      const first = Math.min(...known)
      const missing = events.filter(({ seq }) => seq > first && seq < half.head && !known.has(seq))
      expect(gapsOf(half).reduce((sum, { after, before }) => sum + before - after - 1, 0)).toBe(missing.length)
      expect(gapsOf(addEvents(half, events))).toEqual([])
    }),
  )
})

test('[EVT] a row that nothing changed is the same object, and so is a timeline that learned nothing', () => {
  const before = addEvents(empty, [created(1), message(2), message(3)])
  const after = addEvents(before, [message(4), edited(5, 3, 'better')])
  expect(row(after, 2)).toBe(row(before, 2))
  expect(row(after, 3)).not.toBe(row(before, 3))
  expect(addEvents(after, [message(3), message(4)])).toBe(after)
})

test('[EVT] the last edit counts, whichever comes first', () => {
  const timeline = addEvents(empty, [edited(4, 1, 'second'), edited(3, 1, 'first'), message(1)])
  expect(row(timeline, 1)?.edit?.text).toBe('second')
})

test('[EVT] a deletion leaves a tombstone without words, and nothing changes it any more', () => {
  const events = [message(1), edited(2, 1, 'secret'), reacted(3, 1, '👍'), deleted(4, 1), edited(5, 1, 'again')]
  for (const order of [events, [...events].reverse()]) {
    const tombstone = row(addEvents(empty, order), 1)
    expect(tombstone).toMatchObject({ deleted: true, edit: undefined, reactions: [] })
    expect(JSON.stringify(tombstone)).not.toMatch(/secret|again|text 1/)
  }
})

test('[EVT] a message that the server blanked is a tombstone without its deletion', () => {
  const blanked = { ...message(1), text: undefined, deleted: true } as unknown as ChatEvent
  expect(row(addPage(empty, { from: 1, to: 1, messages: [blanked] }), 1)).toMatchObject({ deleted: true })
})

test('[EVT] a reaction that was taken back is off, and on again after the next one', () => {
  const off = addEvents(empty, [message(1), reacted(2, 1, '👍'), unreacted(3, 1, '👍')])
  expect(row(off, 1)?.reactions).toMatchObject([{ on: false }])
  expect(row(addEvents(off, [reacted(4, 1, '👍')]), 1)?.reactions).toMatchObject([{ on: true, seq: 4 }])
})

test('[EVT] pins come and go', () => {
  expect(row(addEvents(empty, [message(1), pinned(2, 1)]), 1)?.pin).toEqual({ seq: 2, on: true })
})

test('[A4] a head beyond what is here is a gap at the end', () => {
  const timeline = raiseHead(addEvents(empty, [message(1)]), 9)
  expect(gapsOf(timeline)).toEqual([{ after: 1, before: 10 }])
})

test('[A4] older events exist until the first one is here', () => {
  expect(hasOlder(emptyTimeline(5))).toBe(true)
  expect(hasOlder(addEvents(emptyTimeline(5), [message(5)]))).toBe(true)
  expect(hasOlder(addPage(emptyTimeline(5), { from: 1, to: 5, messages: [message(5)] }))).toBe(false)
  expect(hasOlder(emptyTimeline(0))).toBe(false)
})

test('[A4] a trimmed timeline keeps the end without a hole and grows back', () => {
  const events = [created(1), joined(2), message(3), message(4), message(5), message(8), message(9), message(10)]
  const whole = addEvents(empty, events)
  const trimmed = trimTimeline(whole, 2)
  expect(seqs(trimmed)).toEqual([9, 10])
  expect(trimmed.known).toEqual([[9, 10]])
  expect(addEvents(trimmed, events).rows).toEqual(whole.rows)
})

test('[A4] a cached page is plain data and comes back as it was', () => {
  const timeline = addEvents(empty, [message(1), reacted(2, 1, '👍'), message(3)])
  const page = lastPage(timeline, 50)
  if (!page) throw new Error('no page')
  expect(restoreTimeline(JSON.parse(JSON.stringify(page)), 3)).toEqual(
    JSON.parse(JSON.stringify({ ...timeline, orphans: 0 }), (key, value) => (key === 'orphans' ? new Map() : value)),
  )
})
