/** How a number follows those that were seen before on the same track. */
export type Verdict = 'next' | 'duplicate' | 'late'

/**
 * Follows many tracks of rising numbers, such as the seqs of one room at one subscriber. A skipped number is no verdict of its own:
 * losses are counted by comparing with what was expected.
 */
export class OrderCheck {
  readonly #last: Float64Array
  // Bit k: the number `last - k` was seen.
  readonly #seen: Uint32Array

  constructor(tracks: number) {
    this.#last = new Float64Array(tracks)
    this.#seen = new Uint32Array(tracks)
  }

  /** Numbers begin at 1. One that is more than 31 behind counts as late, seen before or not. */
  note(track: number, number: number): Verdict {
    const last = this.#last[track] ?? 0
    const seen = this.#seen[track] ?? 0
    if (number > last) {
      const ahead = number - last
      this.#seen[track] = ahead > 31 ? 1 : ((seen << ahead) | 1) >>> 0
      this.#last[track] = number
      return 'next'
    }
    const behind = last - number
    if (behind > 31) return 'late'
    if ((seen >>> behind) & 1) return 'duplicate'
    this.#seen[track] = (seen | (1 << behind)) >>> 0
    return 'late'
  }
}
