import type { Outlet } from '../outlet.ts'

/** Where the bytes for Aedes come from. */
export type AedesSource = {
  /** The next bytes, or null when there are none or reading is paused. */
  take(): Buffer | null
  /** Aedes closes the connection. */
  finish(): void
}

type Listener = (...args: never[]) => void

/**
 * What Aedes takes for a stream: it reads whole, checked packets from here and writes its answers to the outlet. Far
 * lighter than a Duplex, and it gives us what Aedes lacks: reading that pauses, and one write per turn.
 */
export class AedesStream {
  destroyed = false
  client: unknown
  readonly #outlet: Outlet
  readonly #source: AedesSource
  #onReadable: (() => void) | undefined
  #onClose: Listener[] = []
  #corked = 0
  #parts: Buffer[] = []

  constructor(outlet: Outlet, source: AedesSource) {
    this.#outlet = outlet
    this.#source = source
  }

  read(): Buffer | null {
    return this.#source.take()
  }

  /** Only to be called when the last `read` gave null: Aedes counts on it. */
  readable(): void {
    this.#onReadable?.()
  }

  write(data: Buffer | string, encoding?: BufferEncoding): boolean {
    const bytes = typeof data === 'string' ? Buffer.from(data, encoding) : data
    if (this.#corked > 0) this.#parts.push(bytes)
    else this.#outlet.write(bytes)
    return true
  }

  cork(): void {
    this.#corked++
  }

  uncork(): void {
    if (this.#corked > 0 && --this.#corked > 0) return
    const parts = this.#parts
    if (parts.length === 0) return
    this.#parts = []
    this.#outlet.write(Buffer.concat(parts)) // a copy: mqtt-packet reuses its number buffers
  }

  destroy(): this {
    if (this.destroyed) return this
    this.destroyed = true
    this.#corked = 0
    this.uncork()
    this.#source.finish()
    return this
  }

  /** The wire is gone. */
  closed(): void {
    this.destroyed = true
    const listeners = this.#onClose
    this.#onClose = []
    for (const listener of listeners) listener()
  }

  on(event: string, listener: Listener): this {
    if (event === 'readable') this.#onReadable = listener as () => void
    else if (event === 'close') this.#onClose.push(listener)
    return this // errors, ends and drains never come from here: the wire says `close` and no more
  }

  once(event: string, listener: Listener): this {
    return this.on(event, listener)
  }

  removeListener(event: string, listener: Listener): this {
    if (event === 'close') this.#onClose = this.#onClose.filter((one) => one !== listener)
    return this
  }

  off(event: string, listener: Listener): this {
    return this.removeListener(event, listener)
  }

  removeAllListeners(event?: string): this {
    if (event === 'readable') this.#onReadable = undefined
    if (event === 'close') this.#onClose = []
    return this
  }

  listenerCount(): number {
    return 0
  }

  setMaxListeners(): this {
    return this
  }

  emit(): boolean {
    return false
  }
}
