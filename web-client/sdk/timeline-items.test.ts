import { expect, test } from 'vitest'
import type { CommandId, RoomId } from '../../protocol/ids.ts'
import type { OutboxCommand, OutboxEntry, PendingState } from './snapshot.ts'
import { alice, bob, edited, message, reacted, seq } from './test/events.ts'
import { addEvents, emptyTimeline, raiseHead } from './timeline.ts'
import { createItemsView } from './timeline-items.ts'

const NO_GAPS = new Set<number>()
const entry = (id: string, command: OutboxCommand, state: PendingState = { kind: 'queued' }): OutboxEntry => ({
  user: alice,
  room: 'ops' as RoomId,
  id: id as CommandId,
  order: 1,
  at: 9,
  command,
  state,
})

test('[A1] a pending message goes when its event is here, even before the outbox knows', () => {
  const view = createItemsView(alice)
  const pending = [entry('c1', { type: 'message', text: 'hi' })]
  const before = view.items(emptyTimeline(0), pending, NO_GAPS)
  const after = view.items(addEvents(emptyTimeline(0), [message(1, alice, 'hi', 'c1')]), pending, NO_GAPS)
  expect(before).toMatchObject([{ kind: 'pending', text: 'hi' }])
  expect(after).toMatchObject([{ kind: 'message', text: 'hi', key: before[0]?.key }])
})

test('[A1] the same id from somebody else is not mine', () => {
  const timeline = addEvents(emptyTimeline(0), [message(1, bob, 'hi', 'c1')])
  const items = createItemsView(alice).items(timeline, [entry('c1', { type: 'message', text: 'mine' })], NO_GAPS)
  expect(items.map(({ kind }) => kind)).toEqual(['message', 'pending'])
  expect(new Set(items.map(({ key }) => key)).size).toBe(2)
})

test('[A4] gaps stand where events are missing, also at the end, and say whether they are being filled', () => {
  const timeline = raiseHead(addEvents(emptyTimeline(0), [message(1), message(5)]), 7)
  const items = createItemsView(alice).items(timeline, [], new Set([1]))
  expect(items).toMatchObject([
    { seq: 1 },
    { kind: 'gap', after: 1, missing: 3, loading: true },
    { seq: 5 },
    { kind: 'gap', after: 5, missing: 2, loading: false },
  ])
})

test('[A1] what is foreseen changes nothing for good: a failed change shows the log again', () => {
  const view = createItemsView(alice)
  const timeline = addEvents(emptyTimeline(0), [message(1, alice, 'old'), reacted(2, 1, '👍', alice)])
  const edit: OutboxCommand = { type: 'edit', seq: seq(1), text: 'new' }
  const unreact: OutboxCommand = { type: 'unreact', seq: seq(1), emoji: '👍' }
  const [foreseen] = view.items(timeline, [entry('a', edit), entry('b', unreact)], NO_GAPS)
  expect(foreseen).toMatchObject({ text: 'new', reactions: [] })
  const failed = { kind: 'failed', code: 'forbidden', retryable: false } as const
  const [shown] = view.items(timeline, [entry('a', edit, failed), entry('b', unreact, failed)], NO_GAPS)
  expect(shown).toMatchObject({ text: 'old', reactions: [{ emoji: '👍', mine: true }] })
  expect(view.items(timeline, [], NO_GAPS)[0]).toMatchObject({ text: 'old', changes: [] })
})

test('[A5] an item is the same object until its row or its pending changes are others', () => {
  const view = createItemsView(alice)
  const timeline = addEvents(emptyTimeline(0), [message(1), message(2)])
  const entries = [entry('a', { type: 'pin', seq: seq(1) })]
  const before = view.items(timeline, entries, NO_GAPS)
  expect(view.items(timeline, entries, NO_GAPS)).toEqual(before)
  const after = view.items(addEvents(timeline, [edited(3, 2, 'new')]), [...entries], NO_GAPS)
  expect(after[0]).toBe(before[0])
  expect(after[1]).not.toBe(before[1])
})

test('[PEO11] what somebody wrote whom I block is folded from then on, and until I take it back', () => {
  const blocked = new Set<string>()
  const view = createItemsView(alice, (user) => blocked.has(user))
  const timeline = addEvents(emptyTimeline(0), [message(1, bob, 'hi'), message(2, alice, 'ho')])
  const before = view.items(timeline, [], NO_GAPS)
  blocked.add(bob)
  const during = view.items(timeline, [], NO_GAPS)
  expect(during).toMatchObject([{ folded: true, text: 'hi' }, { folded: false }])
  expect(during[1]).toBe(before[1])
  expect(view.items(timeline, [], NO_GAPS)).toEqual(during)
  blocked.delete(bob)
  expect(view.items(timeline, [], NO_GAPS)).toMatchObject([{ folded: false }, { folded: false }])
})
