/**
 * A room's log as far as it is here: a pure value. Events may come in any order and any number of times, alone or in
 * pages; the same events always give the same timeline.
 */
import type { ChatEvent } from '../../protocol/events.ts'
import type { Seq, UserId } from '../../protocol/ids.ts'
import { addRange, inRanges, type Ranges } from './ranges.ts'

type EventOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>

/** A change of the room or of its members: an event that is about no other event. */
export type NoticeEvent = EventOf<
  'created' | 'joined' | 'left' | 'removed' | 'banned' | 'unbanned' | 'muted' | 'unmuted' | 'role' | 'changed'
>
export type MessageEvent = EventOf<'message'>
/** An event that changes another one. */
export type Effect = EventOf<'edited' | 'deleted' | 'reacted' | 'unreacted' | 'pinned' | 'unpinned'>

/** The last thing a user did with an emoji; `on` false: took it back. */
export type ReactionMark = { readonly user: UserId; readonly emoji: string; readonly seq: number; readonly on: boolean }

/** An event that has a place on the screen, with what later events did to it. Plain data. */
export type Row = {
  readonly seq: Seq
  readonly event: MessageEvent | NoticeEvent
  readonly deleted: boolean
  readonly edit: EventOf<'edited'> | undefined
  readonly pin: { readonly seq: number; readonly on: boolean } | undefined
  /** In order of seq. */
  readonly reactions: readonly ReactionMark[]
}

export type Timeline = {
  /** The last seq known to exist. */
  readonly head: number
  /** Which part of the log is here. */
  readonly known: Ranges
  /** In order of seq. */
  readonly rows: readonly Row[]
  /** Effects on rows that are not here yet. */
  readonly orphans: ReadonlyMap<number, readonly Effect[]>
}

/** A page of the log: everything from `from` to `to`, both included; `related` as in HistoryPage. */
export type LogPage = {
  readonly from: number
  readonly to: number
  readonly messages: readonly ChatEvent[]
  readonly related?: readonly ChatEvent[]
}

/** The end of a timeline as plain data, for a cache. */
export type TimelinePage = { readonly from: number; readonly to: number; readonly rows: readonly Row[] }

export const emptyTimeline = (head: number): Timeline => ({ head, known: [], rows: [], orphans: new Map() })

/** Live events, each known for itself. */
export function addEvents(timeline: Timeline, events: readonly ChatEvent[]): Timeline {
  const known = events.reduce((ranges, { seq }) => addRange(ranges, [seq, seq]), timeline.known)
  return known === timeline.known ? timeline : merge(timeline, known, events, [])
}

export function addPage(timeline: Timeline, page: LogPage): Timeline {
  const known = addRange(timeline.known, [page.from, page.to])
  return merge(timeline, known, page.messages, page.related ?? [])
}

/** The server says that there are events up to `head`. */
export const raiseHead = (timeline: Timeline, head: number): Timeline =>
  head > timeline.head ? { ...timeline, head } : timeline

/** Forgets all but the last `rows` rows, and everything before the last gap. */
export function trimTimeline(timeline: Timeline, rows: number): Timeline {
  const page = lastPage(timeline, rows)
  return page ? restoreTimeline(page, timeline.head) : emptyTimeline(timeline.head)
}

/** The last rows without a gap between them, at most `rows`; undefined when nothing is known. */
export function lastPage(timeline: Timeline, rows: number): TimelinePage | undefined {
  const range = timeline.known.at(-1)
  if (!range) return undefined
  const own = timeline.rows.filter(({ seq }) => seq >= range[0])
  const kept = own.slice(-rows)
  const from = kept.length < own.length ? (kept[0]?.seq ?? range[1]) : range[0]
  return { from, to: range[1], rows: kept }
}

export const restoreTimeline = ({ from, to, rows }: TimelinePage, head: number): Timeline => ({
  ...emptyTimeline(Math.max(head, to)),
  known: [[from, to]],
  rows,
})

export type Gap = { readonly after: number; readonly before: number }

/** The holes between what is known, and between it and the head; not what is older than everything known. */
export function gapsOf({ known, head }: Timeline): Gap[] {
  return known
    .map(([, to], at): Gap => ({ after: to, before: known[at + 1]?.[0] ?? head + 1 }))
    .filter(({ after, before }) => before - after > 1)
}

export const hasOlder = ({ known, head }: Timeline): boolean => (known[0]?.[0] ?? head + 1) > 1

export const isNotice = (event: ChatEvent): event is NoticeEvent => event.type !== 'message' && !isEffect(event)

function isEffect(event: ChatEvent): event is Effect {
  return 'target' in event
}

function merge(
  timeline: Timeline,
  known: Ranges,
  events: readonly ChatEvent[],
  related: readonly ChatEvent[],
): Timeline {
  const bySeq = new Map<number, Row>()
  const effects: Effect[] = related.filter(isEffect)
  let head = timeline.head
  for (const [, to] of known.slice(-1)) head = Math.max(head, to)
  for (const event of events) {
    if (isEffect(event)) effects.push(event)
    else if (!inRanges(timeline.known, event.seq)) bySeq.set(event.seq, toRow(event))
  }
  const orphans = new Map(timeline.orphans)
  for (const [seq, row] of bySeq) {
    for (const effect of orphans.get(seq) ?? []) bySeq.set(seq, applyEffect(bySeq.get(seq) ?? row, effect))
    orphans.delete(seq)
  }
  const rows = insertRows(timeline.rows, [...bySeq.values()])
  for (const effect of effects) {
    const at = indexOf(rows, effect.target)
    const row = rows[at]
    if (row?.seq === effect.target) rows[at] = applyEffect(row, effect)
    else if (!inRanges(known, effect.target)) addOrphan(orphans, effect)
  }
  // What is known and still no row never becomes one.
  for (const target of orphans.keys()) if (inRanges(known, target)) orphans.delete(target)
  const sameRows = rows.length === timeline.rows.length && rows.every((row, at) => row === timeline.rows[at])
  return { head, known, rows: sameRows ? timeline.rows : rows, orphans }
}

function addOrphan(orphans: Map<number, readonly Effect[]>, effect: Effect): void {
  const others = (orphans.get(effect.target) ?? []).filter(({ seq }) => seq !== effect.seq)
  orphans.set(
    effect.target,
    [...others, effect].sort((a, b) => a.seq - b.seq),
  )
}

function toRow(event: MessageEvent | NoticeEvent): Row {
  const row: Row = { seq: event.seq, event, deleted: false, edit: undefined, pin: undefined, reactions: [] }
  return 'deleted' in event && event.deleted === true ? blank(row) : row
}

/** A tombstone keeps who and when; the words are gone here too. */
function blank(row: Row): Row {
  const { seq, type, from, at, id } = row.event
  if (type !== 'message') return row
  const event: MessageEvent = { seq, type, from, at, text: '', ...(id !== undefined && { id }) }
  return { seq, event, deleted: true, edit: undefined, pin: undefined, reactions: [] }
}

/** The same row when the effect changes nothing: it was applied before, a later one holds, or the row is a tombstone. */
function applyEffect(row: Row, effect: Effect): Row {
  if (row.deleted || row.event.type !== 'message') return row
  switch (effect.type) {
    case 'edited':
      return (row.edit?.seq ?? 0) < effect.seq ? { ...row, edit: effect } : row
    case 'deleted':
      return blank(row)
    case 'pinned':
    case 'unpinned':
      return (row.pin?.seq ?? 0) < effect.seq ? { ...row, pin: { seq: effect.seq, on: effect.type === 'pinned' } } : row
    case 'reacted':
    case 'unreacted': {
      const isSame = (mark: ReactionMark): boolean => mark.user === effect.from && mark.emoji === effect.emoji
      if ((row.reactions.find(isSame)?.seq ?? 0) >= effect.seq) return row
      const mark = { user: effect.from, emoji: effect.emoji, seq: effect.seq, on: effect.type === 'reacted' }
      const reactions = [...row.reactions.filter((other) => !isSame(other)), mark]
      return { ...row, reactions: reactions.sort((a, b) => a.seq - b.seq) }
    }
  }
}

function insertRows(rows: readonly Row[], added: readonly Row[]): Row[] {
  const sorted = [...added].sort((a, b) => a.seq - b.seq)
  const first = sorted[0]
  const last = rows.at(-1)
  if (!first || !last || last.seq < first.seq) return [...rows, ...sorted]
  return [...rows, ...sorted].sort((a, b) => a.seq - b.seq)
}

/** The index of the first row with this seq or a later one. */
function indexOf(rows: readonly Row[], seq: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.seq ?? 0) < seq) low = middle + 1
    else high = middle
  }
  return low
}
