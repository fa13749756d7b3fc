/**
 * The life of the connection: one MQTT client after the other, as long as it is wanted. It owns when to connect, wait,
 * probe and renew; what the messages mean is somebody else's.
 */
import { ChatError, type ErrorCode } from '../../protocol/errors.ts'
import { type CloseReason, ConnectionEnded, createMqttClient, type MqttClient, type Qos } from './mqtt/index.ts'
import type { Clock, OnlineStatus, OpenTransport } from './ports.ts'
import type { ConnectionState } from './snapshot.ts'

const FIRST_DELAY_MS = 500
const MAX_DELAY_MS = 30_000
/** Online for this long, the next loss starts again with the first delay. */
const STABLE_MS = 10_000
const PROBE_MS = 5_000
const RENEW_EARLY_MS = 60_000
const MIN_RENEW_MS = 5_000
const MAX_TIMER_MS = 24 * 3_600_000
const REFUSED_FILTER = 0x80

export type ConnectionCredentials = { username: string; password: string; expiresAt: number }

export type ConnectionOptions = {
  clock: Clock
  random(): number
  network: OnlineStatus | undefined
  openTransport: OpenTransport
  clientId(): string
  /** For the next attempt; `refused`: the server did not take this password. Rejects with ChatError. */
  credentials(refused: string | undefined): Promise<ConnectionCredentials>
  /** Makes the living connection live longer; resolves with the new end, milliseconds since 1970. */
  renew(): Promise<number>
  /** What to subscribe to, asked at each attempt. */
  filters(): readonly string[]
  /** Fetches what was missed; `report` how many rooms. A rejection ends the attempt. */
  catchUp(report: (rooms: number) => void): Promise<void>
  onMessage(topic: string, payload: Uint8Array): void
  /** After each change of `state()`. */
  onState(state: ConnectionState): void
}

export interface Connection {
  state(): ConnectionState
  start(): void
  stop(): void
  /** Proves that the other side still answers, or tries again at once. */
  wake(): void
  /** Rejects with ConnectionEnded when there is no connection, or when it ends before the acknowledgement. */
  publish(topic: string, payload: string, qos: Qos): Promise<void>
  /** More or fewer filters, now; after a reconnect `filters()` counts. */
  subscribe(filters: readonly string[]): void
  unsubscribe(filters: readonly string[]): void
}

export function createConnection(options: ConnectionOptions): Connection {
  const { clock } = options
  let state: ConnectionState = { kind: 'stopped' }
  let client: MqttClient | undefined
  /** Each attempt has its own number; who holds an old one has nothing to say any more. */
  let attempt = 0
  let losses = 0
  let refusedPassword: string | undefined
  let unsubscribeNetwork: (() => void) | undefined
  let timers: unknown[] = []

  function set(next: ConnectionState): void {
    state = next
    options.onState(next)
  }

  /** The platform may be wrong about the network, so it names the state and does not keep us from trying. */
  function setUnlessOffline(next: ConnectionState): void {
    set(options.network?.online() === false ? { kind: 'offline' } : next)
  }

  function after(ms: number, run: () => void): void {
    timers.push(clock.setTimeout(run, Math.min(ms, MAX_TIMER_MS)))
  }

  /** Ends the present attempt without a word. */
  function drop(): void {
    attempt++
    for (const timer of timers) clock.clearTimeout(timer)
    timers = []
    const old = client
    client = undefined
    old?.close()
  }

  function lose(code?: ErrorCode, retryAfterMs = 0): void {
    if (state.kind === 'stopped') return
    drop()
    const limit = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** losses++)
    const delay = Math.max(retryAfterMs, options.random() * limit)
    after(delay, () => void connect())
    setUnlessOffline({ kind: 'waiting', retryAt: clock.now() + delay, ...(code && { code }) })
  }

  function closed(reason: CloseReason, password: string): void {
    const isRefused = reason.kind === 'refused' && reason.returnCode >= 4
    if (isRefused && refusedPassword === undefined) {
      refusedPassword = password
      void connect()
    } else {
      // With a fresh token it is not the token's age: no better chance than after any other loss.
      refusedPassword = undefined
      lose(isRefused ? 'unauthorized' : undefined)
    }
  }

  async function connect(): Promise<void> {
    drop()
    const mine = attempt
    setUnlessOffline({ kind: 'connecting' })
    try {
      const { username, password, expiresAt } = await options.credentials(refusedPassword)
      if (mine !== attempt) return
      const filters = options.filters()
      client = createMqttClient({
        openTransport: options.openTransport,
        clock,
        connect: { clientId: options.clientId(), username, password },
        onMessage: (topic, payload) => {
          if (mine === attempt) options.onMessage(topic, payload)
        },
        onClose: (reason) => {
          if (mine === attempt) closed(reason, password)
        },
      })
      const subscribed = client.subscribe(filters.map((filter) => ({ filter, qos: 0 })))
      const [, granted] = await Promise.all([client.connect(), subscribed])
      if (mine !== attempt) return
      refusedPassword = undefined
      renewAt(expiresAt)
      set({ kind: 'catching-up', rooms: 0 })
      await options.catchUp((rooms) => {
        if (mine === attempt) set({ kind: 'catching-up', rooms })
      })
      if (mine !== attempt) return
      after(STABLE_MS, () => {
        losses = 0
      })
      const refused = filters.filter((_, at) => granted[at] === REFUSED_FILTER)
      set({ kind: 'online', since: clock.now(), refused })
    } catch (error) {
      if (mine !== attempt) return
      if (error instanceof ChatError) lose(error.code, error.retryAfterMs)
      else lose('internal')
    }
  }

  function renewAt(expiresAt: number): void {
    if (!Number.isFinite(expiresAt)) return
    const left = expiresAt - clock.now()
    const mine = attempt
    after(Math.max(MIN_RENEW_MS, left - RENEW_EARLY_MS, left / 2), async () => {
      // A renewal that failed is tried again; if all fail, the server ends the connection and a new one is made.
      const next = await options.renew().catch(() => expiresAt)
      if (mine === attempt) renewAt(next)
    })
  }

  function wake(): void {
    if (state.kind === 'waiting' || state.kind === 'offline') void connect()
    else if (state.kind === 'catching-up' || state.kind === 'online') {
      // No answer ends the connection, and `onClose` says so.
      client?.ping(PROBE_MS).catch(() => {})
    }
  }

  return {
    state: () => state,
    start() {
      if (state.kind !== 'stopped') return
      unsubscribeNetwork = options.network?.subscribe(wake)
      void connect()
    },
    stop() {
      if (state.kind === 'stopped') return
      unsubscribeNetwork?.()
      drop()
      losses = 0
      refusedPassword = undefined
      set({ kind: 'stopped' })
    },
    wake,
    async publish(topic, payload, qos) {
      if (!client) throw new ConnectionEnded({ kind: 'lost' })
      await client.publish(topic, payload, qos)
    },
    subscribe(filters) {
      // Lost with the connection, and then asked for again.
      client?.subscribe(filters.map((filter) => ({ filter, qos: 0 }))).catch(() => {})
    },
    unsubscribe(filters) {
      client?.unsubscribe(filters).catch(() => {})
    },
  }
}
