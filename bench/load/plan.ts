/** What one run of the load generator does, and what it found. Both cross the process border as JSON. */

export type LoadPlan = {
  port: number
  /** MQTT over WebSocket at this path; absent: TCP. */
  path?: string
  user?: string
  password?: string
  /** `{room}` stands for a room id. */
  subscribeTopic: string
  publishTopic: string
  rooms: string[]
  subscribers: number
  /** Each subscriber listens to this many rooms that follow one another. */
  roomsPerSubscriber: number
  qos: 0 | 1
  /** Publisher p writes to room p modulo the number of rooms, at QoS 1. */
  publishers: number
  /** `plain`: the mark and padding. `command`: a JSON command whose event has the same size. */
  payload: 'plain' | 'command'
  /** Bytes of a delivered payload. */
  payloadBytes: number
  /** Closed loop: unacknowledged publishes of each publisher, and deliveries under way (0 = any number). */
  window?: number
  outstanding?: number
  /** Open loop: messages per second of all publishers together. */
  rate?: number
  rampSeconds: number
  seconds: number
  /** Memory is read once more when so many connections are open: what a process allots once shows in the difference. */
  connectionsBefore: number
  /** After connecting, wait so long before memory is read. */
  idleSeconds: number
  /** Connections opened at the same time. */
  connectParallel: number
  /** Processes whose CPU time and memory are read during the run: the server, and the first process of its database. */
  serverPid?: number
  databasePid?: number
}

/** Milliseconds. */
export type Percentiles = { p50: number; p99: number; max: number }

export type LoadResult = {
  connected: number
  failedConnections: number
  connectsPerSecond: number
  /** Server CPU for one connection, microseconds. */
  cpuPerConnect?: number
  lostConnections: number
  published: number
  acknowledged: number
  /** Publishes that the server answered with a rejection, and the first such answer. */
  rejected: number
  firstRejection?: string
  deliveries: number
  lost: number
  duplicated: number
  outOfOrder: number
  /** Deliveries that nobody in this run published, and the first of them. */
  foreign: number
  firstForeign?: string
  /** Seconds measured; the figures below are of these. */
  seconds: number
  messagesPerSecond: number
  deliveriesPerSecond: number
  /** Bytes that a delivery takes on the wire, MQTT and WebSocket headers included. */
  wireBytesPerDelivery: number
  /** From the intended moment of sending in open loop, from the write in closed loop. */
  latency?: Percentiles
  /** How late the generator itself was, open loop. */
  sendLag?: Percentiles
  /** Share of one core. */
  loadShare: number
  serverShare?: number
  databaseShare?: number
  coreBusy: number[]
  /** Microseconds of the server process alone. */
  cpuPerDelivery?: number
  cpuPerMessage?: number
  databaseCpuPerMessage?: number
  /** Resident bytes of the server process alone: without connections, with the first ones and with all. */
  memoryBefore?: number
  memoryFirst?: number
  memoryConnected?: number
}
