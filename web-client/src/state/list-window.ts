/** The part of a timeline that is mounted: never more than `MOUNTED_MAX` of it, whatever its length. */
export const MOUNTED_START = 120
export const MOUNTED_MAX = 360
const STEP = 60

type Keyed = { readonly key: string }
/** Indexes into the items, `to` not included, and the keys by which they are found again when items come and go. */
export type ListWindow = {
  readonly from: number
  readonly to: number
  readonly firstKey: string | undefined
  readonly lastKey: string | undefined
}

function windowOf(items: readonly Keyed[], from: number, to: number): ListWindow {
  return { from, to, firstKey: items[from]?.key, lastKey: items[to - 1]?.key }
}

/** The end of the list. */
export function windowAtEnd(items: readonly Keyed[]): ListWindow {
  return windowOf(items, Math.max(0, items.length - MOUNTED_START), items.length)
}

/** The surroundings of one item. */
export function windowAround(items: readonly Keyed[], index: number): ListWindow {
  const from = Math.max(0, Math.min(index - MOUNTED_START / 2, items.length - MOUNTED_START))
  return windowOf(items, from, Math.min(items.length, from + MOUNTED_START))
}

/**
 * The same part after items were added or removed. What follows the last mounted one at the end of the list is mounted
 * too; `stuck` to the end, the beginning is given up for it, in chunks.
 */
export function followItems(items: readonly Keyed[], old: ListWindow, atEnd: boolean, stuck: boolean): ListWindow {
  const from = find(items, old.firstKey, old.from)
  const last = find(items, old.lastKey, old.to - 1)
  if (from === undefined || (last === undefined && !atEnd)) return windowAtEnd(items)
  let to = atEnd || last === undefined ? items.length : last + 1
  let start = from
  if (to - start > MOUNTED_MAX) {
    if (stuck) start = to - (MOUNTED_MAX - STEP)
    else to = start + MOUNTED_MAX
  }
  return windowOf(items, start, to)
}

/** More of what is above; the far end is given up in chunks. */
export function extendUp(items: readonly Keyed[], old: ListWindow): ListWindow {
  const from = Math.max(0, old.from - STEP)
  return windowOf(items, from, old.to - from > MOUNTED_MAX ? from + MOUNTED_MAX - STEP : old.to)
}

/** More of what is below. */
export function extendDown(items: readonly Keyed[], old: ListWindow): ListWindow {
  const to = Math.min(items.length, old.to + STEP)
  return windowOf(items, to - old.from > MOUNTED_MAX ? to - (MOUNTED_MAX - STEP) : old.from, to)
}

/** The index of a key, looked for from where it was, outwards. */
function find(items: readonly Keyed[], key: string | undefined, hint: number): number | undefined {
  if (key === undefined) return undefined
  const start = Math.max(0, Math.min(hint, items.length - 1))
  for (let distance = 0; distance < items.length; distance++) {
    if (items[start + distance]?.key === key) return start + distance
    if (items[start - distance]?.key === key) return start - distance
  }
  return undefined
}
