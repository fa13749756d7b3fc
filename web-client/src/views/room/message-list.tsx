import { effect } from '@preact/signals'
import { Component, createRef } from 'preact'
import type { UserId } from '../../../../protocol/ids.ts'
import type { App } from '../../state/app.ts'
import type { TimelineItem } from '../../state/client-types.ts'
import {
  extendDown,
  extendUp,
  followItems,
  type ListWindow,
  windowAround,
  windowAtEnd,
} from '../../state/list-window.ts'
import type { RoomModel, Spot } from '../../state/room-model.ts'
import { buildRows, countNews, firstNewIndex, groupByDay, isLoadedSince } from '../../state/rows.ts'
import { Icon } from '../../ui/icon.tsx'
import { Earlier } from './earlier.tsx'
import type { ListHandlers } from './list-handlers.ts'
import { ListRow } from './list-row.tsx'
import { actOnMessage } from './message-keys.ts'
import { moveFocus } from './roving-focus.ts'
import { distanceToEnd, noteAnchors, offsetOf, restoreAnchor, rowOf, rowsOf } from './scroll-anchor.ts'

const NEAR_END_PX = 80
const HIGHLIGHT_MS = 1_600

type Props = { app: App; model: RoomModel }
type State = { stuck: boolean; active: string | undefined; focused: string | undefined; target: string | undefined }

const seqOf = (item: TimelineItem | undefined): number | undefined => (item && 'seq' in item ? item.seq : undefined)

/**
 * The messages of a room: a window of mounted rows that moves over the timeline ([R5], [R6], B19). What the reader looks
 * at stays where it is, whatever comes above or below: an anchor row is noted before each change and put back after it.
 */
export class MessageList extends Component<Props, State> {
  override state: State = { stuck: true, active: undefined, focused: undefined, target: undefined }
  private readonly scroller = createRef<HTMLDivElement>()
  private readonly list = createRef<HTMLDivElement>()
  private readonly resizes = new ResizeObserver(() => this.settle())
  private items: readonly TimelineItem[]
  private window: ListWindow
  /** Where to go as soon as it is there: the line above what is new, or a message to jump to. */
  private goal: { kind: 'new' } | { kind: 'seq'; seq: number } | { kind: 'spot'; spot: Spot } | undefined
  private seen = 0
  private loading = false
  private highlight: ReturnType<typeof setTimeout> | undefined
  private stopTarget = (): void => {}
  private stopWatching = (): void => {}

  constructor(props: Props) {
    super(props)
    const { model } = props
    this.items = model.open.peek()?.items ?? []
    const { spot } = model
    if (spot && this.items.some(({ key }) => key === spot.key)) this.goal = { kind: 'spot', spot }
    else if (model.newAfter.peek() !== undefined) this.goal = { kind: 'new' }
    this.window = this.windowOfGoal() ?? windowAtEnd(this.items)
  }

  override componentDidMount(): void {
    const { app, model } = this.props
    if (this.scroller.current) this.resizes.observe(this.scroller.current)
    if (this.list.current) this.resizes.observe(this.list.current)
    this.stopTarget = effect(() => {
      const seq = model.target.value
      if (seq === undefined) return
      this.goal = { kind: 'seq', seq }
      model.target.value = undefined
      this.forceUpdate()
    })
    this.stopWatching = effect(() => {
      if (app.watched.value) this.markRead()
    })
    this.toEnd()
    this.reachGoal()
    this.onScroll()
  }

  override componentWillUnmount(): void {
    this.stopTarget()
    this.stopWatching()
    this.resizes.disconnect()
    clearTimeout(this.highlight)
    this.props.model.spot = this.state.stuck ? undefined : noteAnchors(this.scroller.current)[0]
  }

  /** Called when the new rows are known and the old ones still stand. */
  override getSnapshotBeforeUpdate(_props: Props, before: State): Spot[] {
    // The reader may have left the end a moment ago, and its scroll event is still on the way.
    const leaving = before.stuck && distanceToEnd(this.scroller.current) >= NEAR_END_PX
    return this.state.stuck && !leaving ? [] : noteAnchors(this.scroller.current)
  }

  override componentDidUpdate(_props: Props, _state: State, anchors: Spot[]): void {
    if (this.reachGoal()) return
    if (this.state.stuck && anchors.length === 0) this.toEnd()
    else restoreAnchor(this.scroller.current, anchors)
    this.keepFocus()
    this.markRead()
    this.loadAtEdges()
  }

  private toEnd(): void {
    const scroller = this.scroller.current
    if (scroller) scroller.scrollTop = scroller.scrollHeight
  }

  /** The size of something changed: at the end we stay at the end. */
  private settle(): void {
    if (this.state.stuck && !this.goal) this.toEnd()
  }

  private indexOfGoal(): number {
    const { goal, items } = this
    if (!goal) return -1
    if (goal.kind === 'spot') return items.findIndex(({ key }) => key === goal.spot.key)
    if (goal.kind === 'seq') return items.findIndex((item) => item.kind === 'message' && item.seq === goal.seq)
    return firstNewIndex(items, this.props.model.newAfter.peek())
  }

  private windowOfGoal(): ListWindow | undefined {
    const index = this.indexOfGoal()
    return index < 0 ? undefined : windowAround(this.items, index)
  }

  /** True when it went there just now. */
  private reachGoal(): boolean {
    const { goal } = this
    const scroller = this.scroller.current
    const item = this.items[this.indexOfGoal()]
    const row = item && rowOf(this.list.current, item.key)
    if (goal?.kind === 'new' && !item && isLoadedSince(this.items, this.props.model.newAfter.peek() ?? 0)) {
      this.goal = undefined
    }
    if (!goal || !scroller || !row) return false
    this.goal = undefined
    const offset = offsetOf(scroller, row)
    const wanted = goal.kind === 'spot' ? goal.spot.offset : scroller.clientHeight * (goal.kind === 'new' ? 0.25 : 0.35)
    scroller.scrollTop += offset - wanted
    if (goal.kind === 'seq') {
      row.focus({ preventScroll: true })
      clearTimeout(this.highlight)
      this.highlight = setTimeout(() => this.setState({ target: undefined }), HIGHLIGHT_MS)
    }
    this.setState({
      stuck: this.atEnd(),
      ...(goal.kind === 'seq' && { target: item.key, focused: item.key }),
    })
    return true
  }

  private atEnd(): boolean {
    return this.window.to >= this.items.length && distanceToEnd(this.scroller.current) < NEAR_END_PX
  }

  private markRead(): void {
    const { app, model } = this.props
    if (this.goal || !this.atEnd()) return
    this.seen = Math.max(this.seen, seqOf(this.items.findLast((item) => 'seq' in item)) ?? 0)
    if (app.watched.peek()) model.markRead()
  }

  /** The focused row left the window: the list itself takes the focus, so that it is not lost. */
  private keepFocus(): void {
    const { focused } = this.state
    if (focused !== undefined && document.activeElement === document.body && !rowOf(this.list.current, focused)) {
      this.scroller.current?.focus({ preventScroll: true })
    }
  }

  private readonly onScroll = (): void => {
    const stuck = this.atEnd()
    if (stuck !== this.state.stuck) this.setState({ stuck })
    this.markRead()
    this.loadAtEdges()
  }

  /** A reader who moves by himself goes where he wants. */
  private readonly onGesture = (): void => {
    if (this.goal?.kind === 'new') this.goal = undefined
  }

  private loadAtEdges(): void {
    const scroller = this.scroller.current
    const open = this.props.model.open.peek()
    if (!scroller || !open) return
    const near = scroller.clientHeight * 2
    if (scroller.scrollTop < near) {
      if (this.window.from > 0) this.moveWindow(extendUp(this.items, this.window))
      else if (open.hasOlder && open.loadFailed === undefined) this.loadOlder()
    } else if (this.window.to < this.items.length && distanceToEnd(this.scroller.current) < near) {
      this.moveWindow(extendDown(this.items, this.window))
    }
  }

  private readonly retryOlder = (): void => this.loadOlder()

  private loadOlder(): void {
    if (this.loading) return
    this.loading = true
    this.props.app.client
      .loadOlder(this.props.model.room)
      // Why it failed stands in the snapshot, and on screen with it.
      .catch(() => undefined)
      .finally(() => {
        this.loading = false
      })
  }

  private moveWindow(window: ListWindow): void {
    this.window = window
    this.forceUpdate()
  }

  private readonly jumpToEnd = (): void => {
    this.goal = undefined
    this.window = windowAtEnd(this.items)
    this.setState({ stuck: true })
  }

  private readonly handlers: ListHandlers = {
    activate: (key) => {
      if (key !== this.state.active) this.setState({ active: key })
    },
    jumpTo: (seq) => this.props.model.jumpTo(seq),
    loadGap: (after) => {
      this.props.app.client.loadGap(this.props.model.room, after).catch(() => undefined)
    },
  }

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    const row = (event.target as Element).closest<HTMLElement>('li[data-key]')
    if (!row || event.target !== row || event.metaKey || event.ctrlKey || event.altKey) return
    if (event.key === 'Escape') {
      this.jumpToEnd()
      document.querySelector<HTMLElement>('.composer textarea')?.focus()
    } else if (event.key === 'Enter') {
      this.setState({ active: row.dataset.key }, () => {
        row.querySelector<HTMLElement>('.toolbar button')?.focus()
      })
    } else if (event.key === 'End' && this.window.to < this.items.length) {
      this.jumpToEnd()
      return
    } else if (!this.act(event.key, row) && !moveFocus(rowsOf(this.list.current), row, event.key)) return
    event.preventDefault()
  }

  private act(key: string, row: HTMLElement): boolean {
    const item = this.items.find((candidate) => candidate.key === row.dataset.key)
    if (item?.kind !== 'message' || item.deleted) return false
    return actOnMessage(key, item, this.props.model, this.props.app.notices)
  }

  private readonly onFocus = (event: FocusEvent): void => {
    const key = (event.target as Element).closest<HTMLElement>('li[data-key]')?.dataset.key
    if (key !== undefined && key !== this.state.focused) this.setState({ focused: key })
  }

  private readonly onPointerOver = (event: PointerEvent): void => {
    if (event.pointerType !== 'mouse') return
    this.handlers.activate((event.target as Element).closest<HTMLElement>('li[data-key]')?.dataset.key)
  }

  /** Where nothing hovers, a tap shows the actions of a message. */
  private readonly onClick = (event: MouseEvent): void => {
    const tapped = event.target as Element
    const user = tapped.closest<HTMLElement>('[data-person]')?.dataset.person
    if (user !== undefined) {
      this.props.app.person.value = user as UserId
      return
    }
    if (tapped.closest('a, button') || !matchMedia('(hover: none)').matches) return
    const key = tapped.closest<HTMLElement>('li[data-key]')?.dataset.key
    this.handlers.activate(key === this.state.active ? undefined : key)
  }

  private readonly onPointerLeave = (): void => {
    if (!this.list.current?.querySelector('.toolbar :focus-visible')) this.handlers.activate(undefined)
  }

  override render({ app, model }: Props, { stuck, active, focused, target }: State) {
    const open = model.open.value
    const items = open?.items ?? []
    if (items !== this.items) {
      const own = items.at(-1)
      const sent =
        own?.kind === 'pending' && own.key !== this.items.at(-1)?.key && !this.items.some((i) => i.key === own.key)
      const atEnd = this.window.to >= this.items.length
      this.window = sent ? windowAtEnd(items) : followItems(items, this.window, atEnd, stuck)
      if (sent && !stuck) this.setState({ stuck: true })
      this.items = items
    }
    if (this.goal) {
      const index = this.indexOfGoal()
      if (index >= 0 && (index < this.window.from || index >= this.window.to)) this.window = windowAround(items, index)
    }
    const { from, to } = this.window
    const rows = buildRows(items, from, to, model.newAfter.value, model.unfolded.value)
    const focusable = rows.some(({ key }) => key === focused)
      ? focused
      : rows.findLast(({ kind }) => kind === 'message')?.key
    const { users } = app.snapshot.value
    const vanishing = model.vanishing.value
    const news = stuck ? 0 : countNews(items, this.seen)
    return (
      <div class="log">
        <div
          ref={this.scroller}
          class="log-scroll"
          role="log"
          aria-live="off"
          aria-label={`Messages in ${model.summary.value?.name ?? model.room}`}
          aria-busy={open?.loadingOlder ?? false}
          tabIndex={-1}
          onScroll={this.onScroll}
          onWheel={this.onGesture}
          onTouchMove={this.onGesture}
          onKeyDown={this.onKeyDown}
          onClick={this.onClick}
          onFocusCapture={this.onFocus}
          onPointerOver={this.onPointerOver}
          onPointerLeave={this.onPointerLeave}
        >
          <div ref={this.list} class="log-rows">
            {from === 0 && open?.hasOlder && <Earlier failed={open.loadFailed !== undefined} retry={this.retryOlder} />}
            {groupByDay(rows).map(({ key, rows: ofDay }) => (
              <ol key={key} class="day-rows">
                {ofDay.map((row) => (
                  <ListRow
                    key={row.key}
                    row={row}
                    open={open}
                    users={users}
                    model={model}
                    app={app}
                    handlers={this.handlers}
                    active={active === row.key}
                    tabbable={focusable === row.key}
                    target={target === row.key}
                    vanishing={row.kind === 'message' && row.item.kind === 'message' && vanishing.has(row.item.seq)}
                  />
                ))}
              </ol>
            ))}
          </div>
        </div>
        {!stuck && (
          <button
            type="button"
            class="jump"
            aria-label={news > 0 ? `Jump to latest, ${news} new` : 'Jump to latest'}
            onClick={this.jumpToEnd}
          >
            {news > 0 && <span class="badge">{news > 99 ? '99+' : news}</span>}
            <Icon name="down" />
          </button>
        )}
        {model.failed.value > 1 && (
          <div class="retry-all" role="status">
            {model.failed.value} messages were not sent
            <button type="button" class="button" onClick={() => model.retry()}>
              Retry all ({model.failed.value})
            </button>
          </div>
        )}
      </div>
    )
  }
}
