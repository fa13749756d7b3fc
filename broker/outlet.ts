import type { Wire } from './wire/wire.ts'

/** Bytes that many connections get: made once for each kind of transport. */
export interface SharedBytes {
  readonly mqtt: Buffer
  readonly websocket: Buffer
}

/** Small pieces are joined into one buffer: cheaper than a vectored write. */
const JOIN_LIMIT = 64 * 1024

/**
 * The way out of one connection. What is written during one turn of the event loop leaves in one write ([PRF1]). Past
 * `limit` unsent bytes the connection is congested: writers of events leave it alone until `onDrained` ([P7]).
 */
export class Outlet {
  congested = false
  closed = false
  readonly #wire: Wire
  readonly #limit: number
  readonly #owner: { onDrained(): void }
  #pending: Buffer[] = []
  #scheduled = false

  constructor(wire: Wire, limit: number, owner: { onDrained(): void }) {
    this.#wire = wire
    this.#limit = limit === 0 ? Number.POSITIVE_INFINITY : limit
    this.#owner = owner
  }

  /** Bytes for this connection alone. */
  write(mqtt: Buffer): void {
    this.#push(this.#wire.frame(mqtt))
  }

  writeShared(bytes: SharedBytes): void {
    this.#push(this.#wire.transport === 'websocket' ? bytes.websocket : bytes.mqtt)
  }

  /** Bytes that are framed for this transport already. */
  writeFramed(framed: Buffer): void {
    this.#push(framed)
  }

  #push(framed: Buffer): void {
    if (this.closed) return
    this.#pending.push(framed)
    if (!this.#scheduled) {
      this.#scheduled = true
      schedule(this)
    }
  }

  /** Writes what is pending now, as before closing. */
  flush(): void {
    this.#scheduled = false
    const pending = this.#pending
    if (pending.length === 0 || this.closed) return
    this.#pending = []
    if (pending.length === 1) this.#wire.write(pending[0] as Buffer)
    else this.#writeMany(pending)
    if (this.#wire.unsent > this.#limit) this.congested = true
  }

  #writeMany(pending: Buffer[]): void {
    let run: Buffer[] = []
    let size = 0
    const writeRun = () => {
      if (run.length > 0) this.#wire.write(run.length === 1 ? (run[0] as Buffer) : Buffer.concat(run, size))
      run = []
      size = 0
    }
    for (const piece of pending) {
      if (size + piece.length > JOIN_LIMIT) writeRun()
      run.push(piece)
      size += piece.length
    }
    writeRun()
  }

  drained(): void {
    if (!this.congested) return
    this.congested = false
    this.#owner.onDrained()
  }

  close(): void {
    this.closed = true
    this.#pending = []
  }
}

let dirty: Outlet[] = []

/** One immediate for all outlets that were written to in this turn. */
function schedule(outlet: Outlet): void {
  if (dirty.push(outlet) === 1) setImmediate(flushAll)
}

function flushAll(): void {
  const outlets = dirty
  dirty = []
  for (const outlet of outlets) outlet.flush()
}
