import type { Transport } from '../../../../protocol/http.ts'

const NAMES: Readonly<Record<Transport, string>> = { tcp: 'MQTT', tls: 'MQTT with TLS', websocket: 'WebSocket' }

/** Over what somebody is connected right now, as the end of a line; empty where nobody is. */
export const connectedText = (connected: readonly Transport[]): string[] =>
  connected.length === 0 ? [] : [`connected now: ${connected.map((one) => NAMES[one]).join(', ')}`]
