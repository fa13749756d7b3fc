import type { Percentiles } from './plan.ts'

const STEP_BITS = 7
const STEPS = 1 << STEP_BITS

/** Counts whole microseconds below 2^31 in log-linear steps: the error of a percentile is under 0.8 %. */
export class Histogram {
  readonly #counts = new Float64Array((32 - STEP_BITS + 1) * STEPS)
  #total = 0
  #max = 0

  add(microseconds: number): void {
    const value = microseconds > 0 ? Math.min(microseconds, 0x7fffffff) | 0 : 0
    const index = indexOf(value)
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#total += 1
    if (value > this.#max) this.#max = value
  }

  /** The value that the given share (0 to 1) of all values does not exceed, in microseconds; 0 without values. */
  percentile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#total))
    let seen = 0
    for (const [index, count] of this.#counts.entries()) {
      seen += count
      if (count > 0 && seen >= wanted) return Math.min(upperEndOf(index), this.#max)
    }
    return 0
  }

  /** In milliseconds; undefined without values. */
  summary(): Percentiles | undefined {
    if (this.#total === 0) return undefined
    return { p50: this.percentile(0.5) / 1000, p99: this.percentile(0.99) / 1000, max: this.#max / 1000 }
  }
}

function indexOf(value: number): number {
  if (value < STEPS) return value
  const exponent = 31 - Math.clz32(value)
  return (exponent - STEP_BITS + 1) * STEPS + ((value >>> (exponent - STEP_BITS)) & (STEPS - 1))
}

// The upper end of a step, so that a percentile is never flattered.
function upperEndOf(index: number): number {
  if (index < STEPS) return index
  const exponent = Math.floor(index / STEPS) + STEP_BITS - 1
  const step = 2 ** (exponent - STEP_BITS)
  return 2 ** exponent + (index % STEPS) * step + step - 1
}
