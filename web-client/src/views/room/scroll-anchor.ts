import type { Spot } from '../../state/room-model.ts'

/** Rows whose place is noted before a change, in case some of them go. */
const ANCHORS = 12

/** The rows of messages that are mounted, in order. */
export const rowsOf = (list: HTMLElement | null): HTMLElement[] => [
  ...(list?.querySelectorAll<HTMLElement>('li[data-key]') ?? []),
]

export const rowOf = (list: HTMLElement | null, key: string): HTMLElement | null =>
  list?.querySelector<HTMLElement>(`li[data-key="${CSS.escape(key)}"]`) ?? null

/** How far a row stands from the upper edge of what scrolls, in pixels. */
export const offsetOf = (scroller: HTMLElement, row: HTMLElement): number =>
  row.getBoundingClientRect().top - scroller.getBoundingClientRect().top

export const distanceToEnd = (scroller: HTMLElement | null): number =>
  scroller ? scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight : 0

/** The first rows in sight, and where each stands. */
export function noteAnchors(scroller: HTMLElement | null): Spot[] {
  if (!scroller) return []
  const top = scroller.getBoundingClientRect().top
  const rows = rowsOf(scroller)
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) > top) high = middle
    else low = middle + 1
  }
  return rows.slice(low, low + ANCHORS).map((row) => ({ key: row.dataset.key ?? '', offset: offsetOf(scroller, row) }))
}

/** Scrolls so that the first anchor that is still there stands where it stood. */
export function restoreAnchor(scroller: HTMLElement | null, anchors: readonly Spot[]): void {
  if (!scroller) return
  for (const { key, offset } of anchors) {
    const row = rowOf(scroller, key)
    if (!row) continue
    const drift = offsetOf(scroller, row) - offset
    if (drift !== 0) scroller.scrollTop += drift
    return
  }
}
