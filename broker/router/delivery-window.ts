/** QoS 1 packets that a client has not acknowledged, at most so many. The rest waits in the log. */
export const WINDOW = 1024

/** What the window moves forward. */
type Tracked = { position: number; acknowledged: number }

/** Packets of one batch, with ids one after another. */
type Run<Subscription> = {
  firstId: number
  subscription: Subscription
  seqs: readonly number[]
  from: number
  count: number
  /** Acknowledged from the front. */
  done: number
  /** Acknowledged out of turn. */
  early?: Set<number>
}

/** The packet ids in flight to one connection ([MQTT-2.3.1], [MQTT-4.6.0-2]). */
export class DeliveryWindow<Subscription extends Tracked> {
  #runs: Run<Subscription>[] = []
  #nextId = 1
  inFlight = 0

  get free(): number {
    return WINDOW - this.inFlight
  }

  /** Reserves `count` ids from `seqs[from]` on; answers the first id. There must be `free` for them. */
  take(subscription: Subscription, seqs: readonly number[], from = 0, count = seqs.length): number {
    const firstId = this.#nextId
    this.#nextId = ((firstId - 1 + count) % 0xffff) + 1
    this.inFlight += count
    this.#runs.push({ firstId, subscription, seqs, from, count, done: 0 })
    return firstId
  }

  /** A PUBACK. Answers the subscription whose acknowledged position moved, if one did. Unknown ids mean nothing. */
  acknowledge(id: number): Subscription | undefined {
    const index = this.#runs.findIndex((run) => place(run, id) < run.count)
    const run = this.#runs[index]
    if (run === undefined) return undefined
    const at = place(run, id)
    if (at < run.done || run.early?.has(at) === true) return undefined
    this.inFlight--
    if (at !== run.done) {
      run.early ??= new Set()
      run.early.add(at)
      return undefined
    }
    run.done++
    while (run.early?.delete(run.done) === true) run.done++
    if (run.done === run.count) this.#runs.splice(index, 1)
    return this.#advance(run)
  }

  /** The position moves only over what was acknowledged without a hole, also when an earlier run is still open. */
  #advance(run: Run<Subscription>): Subscription | undefined {
    const { subscription } = run
    const open = this.#runs.find((other) => other.subscription === subscription)
    const acknowledged = open === undefined ? subscription.position : (open.seqs[open.from + open.done] as number) - 1
    if (acknowledged <= subscription.acknowledged) return undefined
    subscription.acknowledged = acknowledged
    return subscription
  }

  /** Whether packets of this subscription are still out. */
  isOpen(subscription: Subscription): boolean {
    return this.#runs.some((run) => run.subscription === subscription)
  }
}

/** The place of an id in a run, beyond `count` when it is not in it. */
function place(run: { firstId: number }, id: number): number {
  const distance = id - run.firstId
  return distance >= 0 ? distance : distance + 0xffff
}
