/** Compares what publishers were told with what the log holds. */
import type { Publisher } from './publisher.ts'
import type { Town } from './town.ts'
import { ROOMS } from './town.ts'

export type Verdict = {
  /** Acknowledged, but not in the log. */
  lost: string[]
  /** In the log more than once. */
  twice: string[]
  /** Places where seq does not go on by one. */
  gaps: string[]
}

export const FLAWLESS: Verdict = { lost: [], twice: [], gaps: [] }

export class Ledger {
  readonly #town: Town
  readonly #heads = new Map<string, number>()
  readonly #seen = new Map<string, number>()
  readonly #gaps: string[] = []
  #checked = new Map<Publisher, number>()

  constructor(town: Town) {
    this.#town = town
  }

  /** The number of messages in the log. */
  get size(): number {
    return this.#seen.size
  }

  head(room: string): number {
    return this.#heads.get(room) ?? 0
  }

  has(text: string): boolean {
    return this.#seen.has(text)
  }

  /** Reads what is new in the log; what was acknowledged before is to be there. `anew`: reads all of it. */
  async check(options: { anew?: boolean } = {}): Promise<Verdict> {
    if (options.anew === true) {
      this.#heads.clear()
      this.#seen.clear()
      this.#checked.clear()
    }
    const acknowledged = this.#town.publishers.map((one) => ({ one, texts: [...one.acknowledged] }))
    for (const room of ROOMS) {
      for (const event of await this.#town.events(room, this.head(room))) {
        if (event.seq !== this.head(room) + 1) this.#gaps.push(`${room}: ${this.head(room)}, ${event.seq}`)
        this.#heads.set(room, event.seq)
        if (event.type === 'message') this.#seen.set(event.text, (this.#seen.get(event.text) ?? 0) + 1)
      }
    }
    const lost = acknowledged.flatMap(({ one, texts }) => {
      const fresh = texts.slice(this.#checked.get(one) ?? 0)
      this.#checked.set(one, texts.length)
      return fresh.filter((text) => !this.#seen.has(text))
    })
    const twice = [...this.#seen].filter(([, count]) => count > 1).map(([text, count]) => `${text} x ${count}`)
    return { lost, twice, gaps: [...this.#gaps] }
  }
}
