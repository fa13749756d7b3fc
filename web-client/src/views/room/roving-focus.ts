const PAGE = 10

/** Moves the focus among rows with the keys of a list ([X5]). False: not such a key. */
export function moveFocus(rows: readonly HTMLElement[], from: HTMLElement, key: string): boolean {
  const here = rows.indexOf(from)
  const to = {
    ArrowUp: here - 1,
    ArrowDown: here + 1,
    PageUp: here - PAGE,
    PageDown: here + PAGE,
    Home: 0,
    End: rows.length - 1,
  }[key]
  if (to === undefined) return false
  const row = rows[Math.max(0, Math.min(to, rows.length - 1))]
  row?.focus({ preventScroll: true })
  row?.scrollIntoView({ block: 'nearest' })
  return true
}
