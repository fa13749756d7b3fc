/** From a timeline and the outbox to what is shown. */
import type { UserId } from '../../protocol/ids.ts'
import type { Receipt } from '../../protocol/presence.ts'
import type {
  GapItem,
  MessageItem,
  MessageState,
  OutboxEntry,
  PendingChange,
  PendingItem,
  Reaction,
  TimelineItem,
} from './snapshot.ts'
import { gapsOf, isNotice, type Row, type Timeline } from './timeline.ts'

/** Shows one timeline again and again; an item that did not change is the same object. */
export interface ItemsView {
  items(timeline: Timeline, outbox: readonly OutboxEntry[], loadingGaps: ReadonlySet<number>): readonly TimelineItem[]
}

export function createItemsView(me: UserId, isBlocked: (user: UserId) => boolean = () => false): ItemsView {
  const made = new WeakMap<Row | OutboxEntry, { changes: readonly OutboxEntry[]; item: TimelineItem }>()

  function rowItem(row: Row, changes: readonly OutboxEntry[]): TimelineItem {
    const before = made.get(row)
    const folded = isBlocked(row.event.from)
    const isFolded = before?.item.kind === 'message' && before.item.folded
    if (before && isFolded === (folded && row.event.type === 'message') && isSame(before.changes, changes)) {
      return before.item
    }
    const item = makeRowItem(row, changes, me, folded)
    made.set(row, { changes, item })
    return item
  }

  function pendingItem(entry: OutboxEntry): PendingItem | undefined {
    const before = made.get(entry)
    if (before?.item.kind === 'pending') return before.item
    const item = makePendingItem(entry)
    if (item) made.set(entry, { changes: [], item })
    return item
  }

  return {
    items(timeline, outbox, loadingGaps) {
      const changes = new Map<number, OutboxEntry[]>()
      const pending = new Map<string, OutboxEntry>()
      for (const entry of outbox) {
        if (entry.command.type === 'message') pending.set(entry.id, entry)
        else changes.set(entry.command.seq, [...(changes.get(entry.command.seq) ?? []), entry])
      }
      const items: TimelineItem[] = []
      const gaps = gapsOf(timeline).map(({ after, before }) => makeGapItem(after, before, loadingGaps.has(after)))
      for (const row of timeline.rows) {
        while (gaps[0] && gaps[0].before <= row.seq) items.push(...gaps.splice(0, 1))
        items.push(rowItem(row, changes.get(row.seq) ?? NONE))
        if (row.event.from === me && row.event.id !== undefined) pending.delete(row.event.id)
      }
      items.push(...gaps)
      for (const entry of pending.values()) {
        const item = pendingItem(entry)
        if (item) items.push(item)
      }
      return items
    },
  }
}

/** What a message of mine has come to, as far as the receipts of others say: at least one has it, at least one read it. */
export function messageState(item: MessageItem | PendingItem, receipts: ReadonlyMap<UserId, Receipt>): MessageState {
  if (item.kind === 'pending') return item.state.kind
  let state: MessageState = 'sent'
  for (const { read, delivered } of receipts.values()) {
    if (read >= item.seq) return 'read'
    if (delivered >= item.seq) state = 'delivered'
  }
  return state
}

const NONE: readonly OutboxEntry[] = []

const isSame = (a: readonly OutboxEntry[], b: readonly OutboxEntry[]): boolean =>
  a.length === b.length && a.every((entry, at) => entry === b[at])

/** One key from pending to the end: the command id, which its author never uses twice in a room. */
const keyOf = (from: UserId, id: string): string => `${from} ${id}`

function makeRowItem(
  { seq, event, deleted, edit, pin, reactions }: Row,
  entries: readonly OutboxEntry[],
  me: UserId,
  folded: boolean,
) {
  const key = event.id === undefined ? `${seq}` : keyOf(event.from, event.id)
  if (isNotice(event)) return { kind: 'notice', key, seq, event } as const
  const item: MessageItem = {
    kind: 'message',
    key,
    seq,
    id: event.id,
    from: event.from,
    at: event.at,
    mine: event.from === me,
    text: edit?.text ?? event.text,
    replyTo: event.replyTo,
    thread: event.thread,
    mentions: edit?.mentions ?? event.mentions ?? [],
    files: event.files ?? [],
    data: event.data,
    ttl: event.ttl,
    editedAt: edit?.at,
    deleted,
    folded,
    pinned: pin?.on === true,
    reactions: groupReactions(reactions, me),
    changes: entries.map(makeChange),
  }
  return entries.reduce((shown, entry) => (entry.state.kind === 'failed' ? shown : foresee(shown, entry)), item)
}

function makeChange({ id, command, state }: OutboxEntry): PendingChange {
  return { id, type: command.type as PendingChange['type'], state }
}

/** The item as it will be when the log has the command. */
function foresee(item: MessageItem, { command, user, at }: OutboxEntry): MessageItem {
  switch (command.type) {
    case 'edit':
      return { ...item, text: command.text, mentions: command.mentions ?? [], editedAt: at }
    case 'delete':
      return { ...item, text: '', deleted: true, pinned: false, reactions: [] }
    case 'pin':
    case 'unpin':
      return { ...item, pinned: command.type === 'pin' }
    case 'react':
    case 'unreact': {
      const marks = item.reactions.flatMap(({ emoji, users }) =>
        users.map((other) => ({ emoji, user: other, on: true })),
      )
      const others = marks.filter((mark) => mark.emoji !== command.emoji || mark.user !== user)
      const isThere = others.length < marks.length
      if (isThere === (command.type === 'react')) return item
      const mark = { emoji: command.emoji, user, on: command.type === 'react' }
      return { ...item, reactions: groupReactions([...others, mark], user) }
    }
    default:
      return item
  }
}

function groupReactions(
  marks: readonly { user: UserId; emoji: string; on: boolean }[],
  me: UserId,
): readonly Reaction[] {
  const users = new Map<string, UserId[]>()
  for (const { user, emoji, on } of marks) if (on) users.set(emoji, [...(users.get(emoji) ?? []), user])
  return [...users].map(([emoji, people]) => ({ emoji, users: people, mine: people.includes(me) }))
}

function makePendingItem({ user, id, at, command, state }: OutboxEntry): PendingItem | undefined {
  if (command.type !== 'message') return undefined
  const { text, replyTo, thread } = command
  return { kind: 'pending', key: keyOf(user, id), id, from: user, at, text, replyTo, thread, state }
}

const makeGapItem = (after: number, before: number, loading: boolean): GapItem => ({
  kind: 'gap',
  key: `gap ${after}`,
  after,
  before,
  missing: before - after - 1,
  loading,
})
