/** Repeatable randomness (mulberry32): a fault that was found is found again with its seed. */
export type Random = {
  readonly seed: number
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number
  pick<Item>(items: readonly Item[]): Item
}

/** `FAULT_SEED` repeats a run; without it every run is the same. */
export function createRandom(seed = Number(process.env.FAULT_SEED ?? 20260101)): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return { seed, between, pick: (items) => items[between(0, items.length - 1)] as (typeof items)[number] }
}
