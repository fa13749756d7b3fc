/** A room's log as it comes in: the timeline for the screen, and each new event once, in order, for everything else. */
import type { ChatEvent } from '../../protocol/events.ts'
import {
  addEvents,
  addPage,
  emptyTimeline,
  type LogPage,
  raiseHead,
  restoreTimeline,
  type Timeline,
  type TimelinePage,
  trimTimeline,
} from './timeline.ts'

export interface RoomLog {
  timeline(): Timeline
  /** Every event up to here was handed out, or skipped. */
  position(): number
  /** The last event known to exist. */
  head(): number
  /** Each of these returns the events that are now due, in order. */
  take(events: readonly ChatEvent[]): ChatEvent[]
  takePage(page: LogPage): ChatEvent[]
  /** Events up to `seq` are not worth waiting for. */
  skipTo(seq: number): ChatEvent[]
  raiseHead(head: number): void
  trim(rows: number): void
  /** Another log under the same name: it was restored from a backup. */
  reset(head: number, page?: TimelinePage): void
}

/** Begins at `head`: earlier events are not handed out. */
export function createRoomLog(head: number): RoomLog {
  let timeline = emptyTimeline(head)
  let position = head
  const early = new Map<number, ChatEvent>()

  /** Everything up to `reached`, and on as far as there is no hole. */
  function release(reached: number): ChatEvent[] {
    const due = [...early.values()].filter(({ seq }) => seq <= reached).sort((a, b) => a.seq - b.seq)
    position = Math.max(position, reached)
    for (let next = early.get(position + 1); next; next = early.get(position + 1)) {
      due.push(next)
      position = next.seq
    }
    for (const { seq } of due) early.delete(seq)
    return due
  }

  function hold(events: readonly ChatEvent[]): void {
    for (const event of events) if (event.seq > position) early.set(event.seq, event)
  }

  return {
    timeline: () => timeline,
    position: () => position,
    head: () => timeline.head,
    take(events) {
      timeline = addEvents(timeline, events)
      hold(events)
      return release(position)
    },
    takePage(page) {
      timeline = addPage(timeline, page)
      hold(page.messages)
      return release(page.from <= position + 1 ? Math.max(position, page.to) : position)
    },
    skipTo: (seq) => release(seq),
    raiseHead(next) {
      timeline = raiseHead(timeline, next)
    },
    trim(rows) {
      timeline = trimTimeline(timeline, rows)
    },
    reset(next, page) {
      early.clear()
      position = page?.to ?? next
      timeline = page ? restoreTimeline(page, next) : emptyTimeline(next)
    },
  }
}
