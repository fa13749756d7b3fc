import { describe, expect, test } from 'vitest'
import type { Seq, UserId } from '../../../protocol/ids.ts'
import type { GapItem, MessageItem, NoticeItem, TimelineItem } from './client-types.ts'
import { buildRows, countNews, firstNewIndex, groupByDay } from './rows.ts'

const noon = new Date(2026, 4, 4, 12).getTime()
const MINUTE = 60_000

const said = (seq: number, from: string, at: number): MessageItem => ({
  kind: 'message',
  key: String(seq),
  seq: seq as Seq,
  id: undefined,
  from: from as UserId,
  at,
  mine: from === 'me',
  text: 'hi',
  replyTo: undefined,
  thread: undefined,
  mentions: [],
  files: [],
  data: undefined,
  ttl: undefined,
  editedAt: undefined,
  deleted: false,
  folded: false,
  pinned: false,
  reactions: [],
  changes: [],
})
const joined = (seq: number, user: string, at: number): NoticeItem => ({
  kind: 'notice',
  key: String(seq),
  seq: seq as Seq,
  event: { type: 'joined', seq: seq as Seq, from: user as UserId, user: user as UserId, role: 'member', at },
})
const gap = (after: number, before: number): GapItem => ({
  kind: 'gap',
  key: `gap ${after}`,
  after,
  before,
  missing: before - after - 1,
  loading: false,
})
const draw = (items: readonly TimelineItem[], newAfter?: number): string[] =>
  buildRows(items, 0, items.length, newAfter).map((row) =>
    row.kind === 'message' ? `${row.key}${row.first ? ' first' : ''}${row.last ? ' last' : ''}` : row.kind,
  )

describe('rows', () => {
  test('[R2] messages of one author within five minutes are one block', () => {
    const items = [said(1, 'bob', noon), said(2, 'bob', noon + 4 * MINUTE), said(3, 'bob', noon + 10 * MINUTE)]
    expect(draw(items)).toEqual(['day', '1 first', '2 last', '3 first last'])
  })

  test('[R2] another author, a notice or another day ends a block', () => {
    const items = [
      said(1, 'bob', noon),
      said(2, 'me', noon),
      joined(3, 'eva', noon),
      said(4, 'me', noon),
      said(5, 'me', noon + 24 * 60 * MINUTE),
    ]
    expect(draw(items)).toEqual([
      'day',
      '1 first last',
      '2 first last',
      'notices',
      '4 first last',
      'day',
      '5 first last',
    ])
  })

  test('[R2] a window that begins inside a block knows what is above it', () => {
    const items = [said(1, 'bob', noon), said(2, 'bob', noon), said(3, 'bob', noon)]
    const [, first] = buildRows(items, 1, 2, undefined)
    expect(first).toMatchObject({ first: false, last: false })
  })

  test('[PEO11] what blocked people wrote is one row for a run, until it is asked for', () => {
    const folded = (seq: number, from: string) => ({ ...said(seq, from, noon), folded: true })
    const items = [said(1, 'bob', noon), folded(2, 'eve'), folded(3, 'mallory'), said(4, 'bob', noon), folded(5, 'eve')]
    expect(draw(items)).toEqual(['day', '1 first last', 'folded', '4 first last', 'folded'])
    expect(draw(items, 2)).toEqual(['day', '1 first last', 'folded', 'new', 'folded', '4 first last', 'folded'])
    const shown = buildRows(items, 0, items.length, undefined, new Set(['2', '3']))
    expect(shown.map(({ kind }) => kind)).toEqual(['day', 'message', 'message', 'message', 'message', 'folded'])
    expect(countNews(items, 1)).toBe(1)
  })

  test('[R3] each day is a list by itself', () => {
    const items = [said(1, 'bob', noon), said(2, 'bob', noon + 24 * 60 * MINUTE), said(3, 'bob', noon)]
    const groups = groupByDay(buildRows(items, 0, 3, undefined))
    expect(groups.map(({ rows }) => rows.map(({ key }) => key))).toEqual([
      ['day', '1'],
      ['day', '2'],
      ['day', '3'],
    ])
    expect(new Set(groups.map(({ key }) => key)).size).toBe(3)
  })

  test('[R4] the line stands above the first unread message of others, also after notices', () => {
    const items = [said(1, 'bob', noon), joined(2, 'eva', noon), said(3, 'me', noon), said(4, 'bob', noon)]
    expect(draw(items, 1)).toEqual(['day', '1 first last', 'notices', '3 first last', 'new', '4 first last'])
  })

  test('[R4] the line splits a block', () => {
    const items = [said(1, 'bob', noon), said(2, 'bob', noon)]
    expect(draw(items, 1)).toEqual(['day', '1 first last', 'new', '2 first last'])
  })

  test('[R4] while the first unread message may still be missing there is no line', () => {
    expect(firstNewIndex([said(9, 'bob', noon)], 4)).toBe(-1)
    expect(firstNewIndex([said(4, 'bob', noon), gap(4, 9), said(9, 'bob', noon)], 4)).toBe(-1)
    expect(firstNewIndex([said(4, 'bob', noon), said(5, 'bob', noon), gap(5, 9), said(9, 'bob', noon)], 4)).toBe(1)
  })

  test('[R20] more than three notices in a row collapse', () => {
    const items = [1, 2, 3, 4].map((seq) => joined(seq, `user${seq}`, noon))
    expect(buildRows(items, 0, 4, undefined)[1]).toMatchObject({ kind: 'notices', collapsed: true })
    expect(buildRows(items, 0, 3, undefined)[1]).toMatchObject({ kind: 'notices', collapsed: false })
  })
})
