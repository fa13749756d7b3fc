/**
 * A byte stream to the server, in order. `send` takes bytes only after `open` was called and before `close`; later ones
 * are dropped without an error. `close` sends what was given and then ends; it may be called at any time and more than once.
 */
export interface Transport {
  send(bytes: Uint8Array<ArrayBuffer>): void
  close(): void
  /** Bytes given to `send` that have not left for the network. */
  readonly buffered: number
}

/**
 * Begins to open a transport. Handlers are called later, never inside this call or inside `send`: `open` at most
 * once, then `data`, and `close` exactly once, also when opening fails. The bytes of `data` belong to the callee.
 * Throws when the address is impossible.
 */
export type OpenTransport = (handlers: TransportHandlers) => Transport

/** What a transport reports. */
export type TransportHandlers = { open(): void; data(bytes: Uint8Array): void; close(): void }
