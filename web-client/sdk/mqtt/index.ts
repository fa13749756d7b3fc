export {
  type Connack,
  type Credentials,
  type Payload,
  ProtocolError,
  type Publish,
  type Qos,
  type Subscription,
  type Will,
} from './codec.ts'
export type { Clock } from './liveness.ts'
export {
  type CloseReason,
  ConnectionEnded,
  createMqttClient,
  type MqttClient,
  type MqttClientOptions,
} from './mqtt-client.ts'
export type { OpenTransport, Transport, TransportHandlers } from './transport.ts'
export { createWebSocketTransport, type WebSocketConstructor, type WebSocketLike } from './websocket-transport.ts'
