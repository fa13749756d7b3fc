// One MQTT 3.1.1 connection. It never reconnects and never sends anything twice: who reconnects makes a new client and
// repeats what was rejected, under the same command id.
import {
  type Connack,
  type Credentials,
  createDecoder,
  DISCONNECT,
  type Encoded,
  encodeConnect,
  encodePuback,
  encodeSubscribe,
  encodeUnsubscribe,
  type Packet,
  type Payload,
  ProtocolError,
  type Publish,
  type Qos,
  type Subscription,
} from './codec.ts'
import { createExchanges } from './exchanges.ts'
import { type Clock, createLiveness } from './liveness.ts'
import type { OpenTransport, Transport } from './transport.ts'

/**
 * Why a connection ended. `closed`: by `close()`; `lost`: the transport closed or never opened; `silent`: no answer in
 * time; `refused`: CONNACK with `returnCode` 1 to 5, where 4 and 5 mean the credentials; `protocol`: the server broke
 * the protocol; `handler`: `onMessage` threw.
 */
export type CloseReason =
  | { kind: 'closed' | 'lost' | 'silent' }
  | { kind: 'refused'; returnCode: number }
  | { kind: 'protocol'; error: ProtocolError }
  | { kind: 'handler'; error: unknown }

/** Rejects every promise that the end of the connection leaves open, and every later call. */
export class ConnectionEnded extends Error {
  override name = 'ConnectionEnded'
  readonly reason: CloseReason

  constructor(reason: CloseReason) {
    super(reason.kind)
    this.reason = reason
  }
}

/** Defaults: `clean` true, `keepalive` 50 s, `window` 16 messages, `connectTimeoutMs` 20000, `maxPacketBytes` 1 MiB. */
export type MqttClientOptions = {
  openTransport: OpenTransport
  connect: Omit<Credentials, 'clean' | 'keepalive'> & Partial<Pick<Credentials, 'clean' | 'keepalive'>>
  clock: Clock
  /** Called in the order of arrival. A QoS 1 message is acknowledged when it returns; when it throws, the connection ends. */
  onMessage(topic: string, payload: Uint8Array, flags: Pick<Publish, 'retain' | 'qos' | 'dup'>): void
  /** Called once, as the last thing the client does, whatever the reason; not when `connect` was never called. */
  onClose(reason: CloseReason): void
  window?: number
  connectTimeoutMs?: number
  maxPacketBytes?: number
}

/** All promises reject with ConnectionEnded at the end of the connection, and with RangeError for impossible arguments. */
export interface MqttClient {
  /** Once. Resolves when the server accepts; also rejects with what `openTransport` throws. */
  connect(): Promise<Connack>
  /**
   * Messages go out in the order of calls, after the CONNACK. Resolves at QoS 0 when given to the transport, at QoS 1 on
   * the PUBACK; which also follows a refused command. A rejected QoS 1 message may have arrived.
   */
  publish(topic: string, payload: Payload, qos: Qos): Promise<void>
  /** Resolves with one code per filter: the granted QoS, or 0x80 = refused. Called early, it travels with the CONNECT. */
  subscribe(subscriptions: readonly Subscription[]): Promise<number[]>
  unsubscribe(filters: readonly string[]): Promise<void>
  /** Is anybody there? Resolves with the round trip in milliseconds; no PINGRESP within `timeoutMs` ends the connection. */
  ping(timeoutMs: number): Promise<number>
  /** Says DISCONNECT, so the will is not published, and ends. */
  close(): void
  /** Bytes that have not left for the network. */
  readonly buffered: number
}

/** A client for one connection; nothing is opened before `connect()`. */
export function createMqttClient(options: MqttClientOptions): MqttClient {
  const credentials = { clean: true, keepalive: 50, ...options.connect }
  const early: Encoded[] = []
  let transport: Transport | undefined
  let opened = false
  let ended = false
  let onConnack: ((packet: Connack) => void) | undefined

  const exchanges = createExchanges(write, options.window ?? 16)
  const liveness = createLiveness(options.clock, credentials.keepalive, write, exchanges.hold, () => {
    end({ kind: 'silent' })
  })
  const decode = createDecoder(receive, options.maxPacketBytes)

  function write(bytes: Encoded): void {
    if (ended) return
    if (opened) transport?.send(bytes)
    else early.push(bytes)
  }

  function receive(packet: Packet): void {
    if (ended) return
    if ((packet.type === 'connack') !== (onConnack !== undefined)) {
      throw new ProtocolError(`unexpected ${packet.type}`) // [MQTT-3.2.0-1]
    }
    switch (packet.type) {
      case 'connack':
        onConnack?.(packet)
        break
      case 'publish':
        options.onMessage(packet.topic, packet.payload, packet)
        if (packet.qos) write(encodePuback(packet.packetId))
        break
      case 'pingresp':
        liveness.answered()
        break
      default:
        exchanges.settle(packet)
    }
  }

  function receiveBytes(bytes: Uint8Array): void {
    if (ended) return
    liveness.heard()
    try {
      decode(bytes)
    } catch (error) {
      end(error instanceof ProtocolError ? { kind: 'protocol', error } : { kind: 'handler', error })
    }
  }

  function end(reason: CloseReason): void {
    if (ended) return
    ended = true
    liveness.stop()
    exchanges.end(new ConnectionEnded(reason))
    if (transport) {
      transport.close()
      options.onClose(reason)
    }
  }

  return {
    async connect() {
      if (transport) throw new RangeError('connect() was called before')
      const hello = encodeConnect(credentials)
      return exchanges.hold((resolve) => {
        transport = options.openTransport({
          open() {
            opened = true
            for (const bytes of [hello, ...early]) write(bytes)
          },
          data: receiveBytes,
          close: () => end({ kind: 'lost' }),
        })
        const cancel = liveness.expect(options.connectTimeoutMs ?? 20_000)
        onConnack = (packet) => {
          cancel()
          onConnack = undefined
          if (packet.returnCode) return end({ kind: 'refused', returnCode: packet.returnCode })
          resolve(packet)
          liveness.start()
          exchanges.start()
        }
      })
    },
    publish: exchanges.publish,
    async subscribe(subscriptions) {
      const { granted } = await exchanges.request('suback', subscriptions.length, (packetId) =>
        encodeSubscribe(packetId, subscriptions),
      )
      return granted
    },
    async unsubscribe(filters) {
      await exchanges.request('unsuback', 0, (packetId) => encodeUnsubscribe(packetId, filters))
    },
    ping: liveness.ping,
    close() {
      if (opened) write(DISCONNECT)
      end({ kind: 'closed' })
    },
    get buffered() {
      return transport?.buffered ?? 0
    },
  }
}
