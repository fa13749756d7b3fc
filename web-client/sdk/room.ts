/** One room as this client knows it. */
import type { ErrorCode } from '../../protocol/errors.ts'
import type { ChatEvent, HistoryPage, Role, RoomState } from '../../protocol/events.ts'
import type { Member, RoomInfo, SyncRoom } from '../../protocol/http.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import { TYPING_EXPIRES_MS } from '../../protocol/limits.ts'
import type { Receipt } from '../../protocol/presence.ts'
import type { Mute } from '../../protocol/room-settings.ts'
import type { Clock } from './ports.ts'
import { createRoomLog, type RoomLog } from './room-log.ts'
import type { MemberSummary, OpenRoom, OutboxEntry, PutOut, RoomSummary } from './snapshot.ts'
import { hasOlder, lastPage, type TimelinePage } from './timeline.ts'
import { createItemsView } from './timeline-items.ts'

/** Rows that a closed room keeps. */
const KEPT_ROWS = 100

export interface Room {
  readonly id: RoomId
  readonly log: Pick<RoomLog, 'position' | 'head' | 'timeline'>
  epoch(): number
  memberCount(): number
  /** Events up to here exist. */
  raiseHead(seq: number): void
  isMember(): boolean
  isOpen(): boolean
  setOpen(open: boolean): void
  /** From `GET /api/sync` or `GET /api/rooms/{room}`. */
  applyInfo(info: RoomInfo | SyncRoom): void
  applyState(state: RoomState): void
  setRole(role: Role | undefined): void
  /** I am no member any more, by the will of another. */
  putOut(how: PutOut): void
  /** Live events, pages, and what to skip: all return the new events in order ([P3]). */
  take(events: readonly ChatEvent[]): ChatEvent[]
  takePage(page: HistoryPage, range: { from: number; to: number }): ChatEvent[]
  skipTo(seq: number): ChatEvent[]
  restore(page: TimelinePage): void
  /** My mark, set here; false when it was there already. */
  markRead(seq: number): boolean
  /** The server counted: `head` is the last event it counted, when it says so. */
  setUnread(counts: { unread: number; mentions: number; read?: number; head?: number }): void
  read(): number
  setTyping(user: UserId, typing: boolean): void
  setReceipt(user: UserId, receipt: Receipt): void
  setMembers(members: readonly Member[]): void
  /** What is being loaded: a page at the end, older pages, or the gap after a seq. */
  setLoading(what: 'page' | 'older' | number, loading: boolean, failed?: ErrorCode): void
  /** The outbox of this room changed. */
  touch(): void
  /** The connection ended: nobody tells us any more who is typing. */
  quiet(): void
  summary(nameOf: (user: UserId) => string, outbox: readonly OutboxEntry[]): RoomSummary
  view(summary: RoomSummary, outbox: readonly OutboxEntry[]): OpenRoom
  /** For the cache. */
  toSync(): SyncRoom
  lastPage(): TimelinePage | undefined
}

export function createRoom(
  first: RoomInfo | SyncRoom,
  me: UserId,
  clock: Clock,
  onChange: () => void,
  isBlocked: (user: UserId) => boolean,
): Room {
  const log = createRoomLog(first.head)
  const itemsView = createItemsView(me, isBlocked)
  const typing = new Map<UserId, unknown>()
  let info: RoomInfo & { peer?: UserId } = first
  let marks = { read: 0, delivered: 0, unread: 0, mentions: 0 }
  /** Up to which event `marks` counts. */
  let counted = first.head
  let last: ChatEvent | undefined
  let spokeAt = 0
  let putOut: PutOut | undefined
  let receipts: ReadonlyMap<UserId, Receipt> = new Map()
  let members: readonly MemberSummary[] | undefined
  let open = false
  let loadFailed: ErrorCode | undefined
  const loading = new Set<'page' | 'older' | number>()
  let shownSummary: RoomSummary | undefined
  let shownView: OpenRoom | undefined

  function touch(): void {
    shownSummary = undefined
    shownView = undefined
    onChange()
  }

  function setTyping(user: UserId, isTyping: boolean): void {
    if (user === me || isBlocked(user) || (!isTyping && !typing.has(user))) return
    clock.clearTimeout(typing.get(user))
    if (isTyping)
      typing.set(
        user,
        clock.setTimeout(() => setTyping(user, false), TYPING_EXPIRES_MS),
      )
    else typing.delete(user)
    touch()
  }

  function applyInfo(next: RoomInfo | SyncRoom): void {
    if (next.epoch !== info.epoch) {
      log.reset(next.head)
      counted = 0
      last = undefined
    }
    const { peer } = info
    info = { ...(peer && { peer }), ...next }
    log.raiseHead(next.head)
    if ('unread' in next && next.head >= counted) {
      marks = {
        read: Math.max(marks.read, next.read),
        delivered: Math.max(marks.delivered, next.delivered),
        unread: next.read < marks.read ? marks.unread : next.unread,
        mentions: next.read < marks.read ? marks.mentions : next.mentions,
      }
      counted = next.head
    }
    if ('last' in next && next.last && next.last.seq > (last?.seq ?? 0)) last = next.last
    if (last?.from === me) spokeAt = Math.max(spokeAt, last.at)
    if (next.role) putOut = undefined
    touch()
  }

  function count(event: Extract<ChatEvent, { type: 'message' }>): void {
    if (event.from === me) spokeAt = Math.max(spokeAt, event.at)
    if (event.seq <= counted || event.seq <= marks.read) return
    if (event.from === me) marks = { ...marks, unread: 0, mentions: 0 }
    else {
      const mentions = marks.mentions + (event.mentions?.includes(me) && !isBlocked(event.from) ? 1 : 0)
      marks = { ...marks, unread: marks.unread + 1, mentions }
    }
  }

  function setMember(user: UserId, role: Role | undefined, joinedAt: number): void {
    if (user === me) setRole(role)
    const before = members?.find((member) => member.user === user)
    const others = members?.filter((member) => member.user !== user)
    if (others) members = role ? [...others, { joinedAt, ...before, user, role }] : others
  }

  function setRole(role: Role | undefined): void {
    const { role: _role, mute, ...rest } = info
    info = role ? { ...rest, role, ...(mute && { mute }) } : rest
    if (role) putOut = undefined
    touch()
  }

  function setMute(user: UserId, mute: Mute | undefined): void {
    if (user === me) {
      const { mute: _, ...rest } = info
      info = mute ? { ...rest, mute } : rest
    }
    members = members?.map((member) => {
      const { mute: _, ...rest } = member
      return member.user === user ? { ...rest, ...(mute && { mute }) } : member
    })
  }

  function leaveBy(user: UserId, how: PutOut): void {
    setMember(user, undefined, 0)
    if (user === me) putOut = how
  }

  /** What an event means beside its place in the timeline; called once for each, in order. */
  function apply(event: ChatEvent): void {
    switch (event.type) {
      case 'message':
        setTyping(event.from, false)
        count(event)
        last = event
        break
      case 'edited':
        if (last?.type === 'message' && last.seq === event.target) last = { ...last, text: event.text }
        break
      case 'deleted':
        if (last?.type === 'message' && last.seq === event.target) last = { ...last, text: '' }
        break
      case 'joined':
      case 'role':
        setMember(event.user, event.role, event.at)
        break
      case 'left':
        setMember(event.user, undefined, 0)
        break
      case 'removed':
      case 'banned': {
        const { user, from: by, reason } = event
        const banned = event.type === 'banned' ? { banned: endOf(event) } : {}
        leaveBy(user, { by, ...(reason !== undefined && { reason }), ...banned })
        break
      }
      case 'muted':
        setMute(event.user, endOf(event))
        break
      case 'unmuted':
        setMute(event.user, undefined)
        break
      case 'changed': {
        const { archived = info.archived, ...changes } = event.changes
        const { archived: _before, ...rest } = info
        info = { ...rest, ...changes, ...(archived && { archived }) }
        break
      }
    }
    counted = Math.max(counted, event.seq)
  }

  function applyAll(events: ChatEvent[]): ChatEvent[] {
    for (const event of events) apply(event)
    touch()
    return events
  }

  function setUnread({ unread, mentions, read, head }: Parameters<Room['setUnread']>[0]): void {
    if (head !== undefined && head < counted) return
    if (read !== undefined && read < marks.read) return
    marks = { ...marks, unread, mentions, read: Math.max(marks.read, read ?? 0) }
    if (head !== undefined) {
      counted = head
      log.raiseHead(head)
    }
    touch()
  }

  function advanceReceipt(user: UserId, receipt: Receipt): void {
    const before = receipts.get(user)
    const read = Math.max(before?.read ?? 0, receipt.read)
    const delivered = Math.max(before?.delivered ?? 0, receipt.delivered)
    receipts = new Map(receipts).set(user, { read, delivered })
  }

  applyInfo(first)
  return {
    id: first.id,
    log,
    epoch: () => info.epoch,
    memberCount: () => info.members,
    raiseHead(seq) {
      log.raiseHead(seq)
      touch()
    },
    isMember: () => info.role !== undefined,
    isOpen: () => open,
    setOpen(next) {
      open = next
      if (!open) {
        log.trim(KEPT_ROWS)
        members = undefined
        receipts = new Map()
      }
      touch()
    },
    applyInfo,
    applyState(state) {
      if (state.epoch === info.epoch && state.head < info.head) return
      const { role, peer, createdAt, mute } = info
      applyInfo({ ...state, createdAt, ...(role && { role }), ...(peer && { peer }), ...(mute && { mute }) })
    },
    setRole,
    putOut(how) {
      putOut = how
      setRole(undefined)
    },
    take: (events) => applyAll(log.take(events)),
    takePage: ({ messages, related, head }, range) => {
      log.raiseHead(head)
      return applyAll(log.takePage({ messages, related, ...range }))
    },
    skipTo: (seq) => applyAll(log.skipTo(seq)),
    restore(page) {
      log.reset(log.head(), page)
      touch()
    },
    markRead(seq) {
      if (seq <= marks.read) return false
      const unseen = log.timeline().rows.filter((row) => row.seq > seq && row.event.from !== me)
      const after = unseen.flatMap(({ event }) => (event.type === 'message' ? [event] : []))
      marks = {
        read: seq,
        delivered: Math.max(marks.delivered, seq),
        unread: Math.min(marks.unread, after.length),
        mentions: Math.min(marks.mentions, after.filter(({ mentions }) => mentions?.includes(me)).length),
      }
      touch()
      return true
    },
    setUnread,
    read: () => marks.read,
    setTyping,
    setReceipt(user, receipt) {
      advanceReceipt(user, receipt)
      touch()
    },
    setMembers(list) {
      members = list.map(({ user, role, joinedAt, mute }) => ({ user, role, joinedAt, ...(mute && { mute }) }))
      for (const { user, receipt } of list) if (receipt && user !== me) advanceReceipt(user, receipt)
      touch()
    },
    setLoading(what, isLoading, failed) {
      if (isLoading) loading.add(what)
      else loading.delete(what)
      loadFailed = failed
      touch()
    },
    touch,
    quiet() {
      for (const user of [...typing.keys()]) setTyping(user, false)
    },
    summary(nameOf, outbox) {
      const name = info.peer === undefined ? info.name : nameOf(info.peer)
      if (shownSummary?.name === name) return shownSummary
      shownView = undefined
      const head = log.head()
      const pendingAt = Math.max(0, ...outbox.map(({ command, at }) => (command.type === 'message' ? at : 0)))
      shownSummary = {
        room: info.id,
        name,
        topicLine: info.topicLine,
        kind: info.kind,
        settings: info.settings,
        archived: info.archived === true,
        members: info.members,
        role: info.role,
        mute: info.mute,
        putOut,
        spokeAt,
        peer: info.peer,
        createdAt: info.createdAt,
        head,
        ...marks,
        last,
        activeAt: Math.max(last?.at ?? info.createdAt, pendingAt),
        typing: [...typing.keys()],
        pending: outbox.length,
        failed: outbox.filter(({ state }) => state.kind === 'failed').length,
      }
      return shownSummary
    },
    view(summary, outbox) {
      const timeline = log.timeline()
      const gaps = new Set([...loading].filter((what) => typeof what === 'number'))
      shownView ??= {
        room: info.id,
        summary,
        items: itemsView.items(timeline, outbox, gaps),
        hasOlder: hasOlder(timeline),
        loadingOlder: loading.has('older'),
        loading: loading.has('page') && timeline.known.length === 0,
        loadFailed,
        members,
        receipts,
      }
      return shownView
    },
    toSync: () => ({ ...info, ...marks, head: log.position(), ...(last && { last }) }),
    lastPage: () => lastPage(log.timeline(), KEPT_ROWS),
  }
}

const endOf = ({ until }: { until?: number }): Mute => (until === undefined ? {} : { until })
