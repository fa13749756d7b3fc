/** What a wire tells the connection that sits on it. */
export type WireEvents = {
  data(chunk: Buffer): void
  /** Everything written has left the process. */
  drain(): void
  /** The last event; called once. */
  close(): void
}

/** The bytes of one client, whatever carries them: TCP, TLS or WebSocket. One `attach` serves all three. */
export interface Wire {
  readonly transport: 'tcp' | 'tls' | 'websocket'
  /** Of the peer; for limits, never for logs. */
  readonly address: string
  /** Bytes written and not yet taken by the kernel. */
  readonly unsent: number
  /** What of `unsent` the kernel has not begun to take: falls while a slow reader still reads. */
  readonly stuck: number
  start(events: WireEvents): void
  /** MQTT bytes as this transport carries them: as they are, or as one unmasked WebSocket frame ([RFC 6455 5.2]). */
  frame(mqtt: Buffer): Buffer
  /** Writes bytes that `frame` made. */
  write(framed: Buffer): void
  pause(): void
  resume(): void
  /** Sends what is written, then closes. */
  end(): void
  destroy(): void
}
