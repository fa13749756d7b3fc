import type { GapItem, MessageItem, NoticeItem, PendingItem, TimelineItem } from './client-types.ts'

const NONE: ReadonlySet<string> = new Set()
const BLOCK_MS = 5 * 60_000
const COLLAPSE_ABOVE = 3

export type Spoken = MessageItem | PendingItem
/** What is drawn, one list item each. `first` and `last`: of a block by one author ([R2]). */
export type Row =
  | { kind: 'message'; key: string; item: Spoken; first: boolean; last: boolean }
  | { kind: 'notices'; key: string; items: readonly NoticeItem[]; collapsed: boolean }
  /** What people wrote whom I have blocked, one run together. */
  | { kind: 'folded'; key: string; items: readonly MessageItem[] }
  | { kind: 'gap'; key: string; item: GapItem }
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: string }

/**
 * The rows of `items` from index `from` up to, not including, `to`. `newAfter`: the seq before the first unread one when
 * the room was opened, for the line above what is new ([R4]). `unfolded`: keys of messages to be shown although their
 * authors are blocked.
 */
export function buildRows(
  items: readonly TimelineItem[],
  from: number,
  to: number,
  newAfter: number | undefined,
  unfolded: ReadonlySet<string> = NONE,
): Row[] {
  const rows: Row[] = []
  const newIndex = firstNewIndex(items, newAfter)
  let previous = items[from - 1]
  for (let index = from; index < to; index++) {
    const item = items[index]
    if (item === undefined) break
    const at = timeOf(item)
    if (at !== undefined && (index === from || dayOf(at) !== dayOf(lastTime(items, index)))) {
      rows.push({ kind: 'day', key: 'day', at })
    }
    const newHere = index === newIndex
    if (newHere) rows.push({ kind: 'new', key: 'new' })
    if (item.kind === 'notice') {
      const last = rows.at(-1)
      if (last?.kind === 'notices') {
        const run = [...last.items, item]
        rows[rows.length - 1] = { ...last, items: run, collapsed: run.length > COLLAPSE_ABOVE }
      } else rows.push({ kind: 'notices', key: item.key, items: [item], collapsed: false })
    } else if (item.kind === 'gap') rows.push({ kind: 'gap', key: item.key, item })
    else if (item.kind === 'message' && item.folded && !unfolded.has(item.key)) {
      const last = rows.at(-1)
      if (last?.kind === 'folded') rows[rows.length - 1] = { ...last, items: [...last.items, item] }
      else rows.push({ kind: 'folded', key: item.key, items: [item] })
    } else {
      const next = items[index + 1]
      const last = !continues(item, next) || index + 1 === newIndex
      rows.push({ kind: 'message', key: item.key, item, first: newHere || !continues(previous, item), last })
    }
    previous = item
  }
  return rows
}

const isSpoken = (item: TimelineItem | undefined): item is Spoken =>
  item?.kind === 'message' || item?.kind === 'pending'

function continues(before: TimelineItem | undefined, after: TimelineItem | undefined): boolean {
  if (!isSpoken(before) || !isSpoken(after) || before.from !== after.from) return false
  return after.at - before.at < BLOCK_MS && dayOf(after.at) === dayOf(before.at)
}

/** The index of the first message of others after `newAfter`; -1 when there is none, or when it is not here yet. */
export function firstNewIndex(items: readonly TimelineItem[], newAfter: number | undefined): number {
  if (newAfter === undefined) return -1
  let found = -1
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index]
    if (item === undefined || lastSeqOf(item) <= newAfter) return found
    // What is missing here may hold an earlier one.
    if (item.kind === 'gap') found = -1
    if (item.kind === 'message' && !item.mine) found = index
  }
  const first = items[0]
  return first && firstSeqOf(first) <= newAfter + 1 ? found : -1
}

/** Whether everything after a place in the log is here. */
export function isLoadedSince(items: readonly TimelineItem[], seq: number): boolean {
  const first = items[0]
  if (!first || firstSeqOf(first) > seq + 1) return false
  return !items.some((item) => item.kind === 'gap' && item.before > seq + 1)
}

const firstSeqOf = (item: TimelineItem): number =>
  item.kind === 'pending' ? 0 : item.kind === 'gap' ? item.after + 1 : item.seq

function lastSeqOf(item: TimelineItem): number {
  if (item.kind === 'pending') return Number.POSITIVE_INFINITY
  return item.kind === 'gap' ? item.before - 1 : item.seq
}

const timeOf = (item: TimelineItem): number | undefined =>
  item.kind === 'gap' ? undefined : item.kind === 'notice' ? item.event.at : item.at

function lastTime(items: readonly TimelineItem[], index: number): number | undefined {
  for (let i = index - 1; i >= 0; i--) {
    const item = items[i]
    const at = item && timeOf(item)
    if (at !== undefined) return at
  }
  return undefined
}

/** The rows of each day by themselves, the line with its name first. */
export function groupByDay(rows: readonly Row[]): { key: string; rows: Row[] }[] {
  const groups: { key: string; rows: Row[] }[] = []
  const seen = new Map<number, number>()
  for (const row of rows) {
    if (row.kind === 'day' || groups.length === 0) {
      const day = row.kind === 'day' ? dayOf(row.at) : 0
      // A server whose clock was set back comes to the same day twice.
      const times = seen.get(day) ?? 0
      seen.set(day, times + 1)
      groups.push({ key: `${day}:${times}`, rows: [] })
    }
    groups.at(-1)?.rows.push(row)
  }
  return groups
}

/** The local calendar day as a number that differs from day to day. */
export function dayOf(at: number | undefined): number {
  if (at === undefined) return Number.NaN
  const date = new Date(at)
  return date.getFullYear() * 400 + date.getMonth() * 32 + date.getDate()
}

/** How many messages of others came after the last one that was seen. */
export function countNews(items: readonly TimelineItem[], seen: number): number {
  let count = 0
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index]
    if (item?.kind === 'message' && item.seq <= seen) break
    if (item?.kind === 'message' && !item.mine && !item.folded) count++
  }
  return count
}
