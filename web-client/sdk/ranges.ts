/** Sets of whole numbers as sorted ranges that neither overlap nor touch; both ends belong to a range. */
export type Range = readonly [from: number, to: number]
export type Ranges = readonly Range[]

/** The same object when `added` brings nothing new or is empty (`from > to`). */
export function addRange(ranges: Ranges, [from, to]: Range): Ranges {
  if (from > to || ranges.some(([first, last]) => first <= from && to <= last)) return ranges
  const before = ranges.filter(([, last]) => last < from - 1)
  const after = ranges.filter(([first]) => first > to + 1)
  const touched = ranges.slice(before.length, ranges.length - after.length)
  return [...before, [Math.min(from, touched[0]?.[0] ?? from), Math.max(to, touched.at(-1)?.[1] ?? to)], ...after]
}

export const inRanges = (ranges: Ranges, value: number): boolean =>
  ranges.some(([from, to]) => from <= value && value <= to)
