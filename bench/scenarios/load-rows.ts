import type { LoadPlan } from '../load/plan.ts'
import type { Options } from '../options.ts'
import type { Server } from '../servers/server.ts'
import type { ServerName } from './bench-servers.ts'

/** A row of the table: the same load for each of its servers. */
export type LoadRow = {
  id: string
  title: string
  servers: ServerName[]
  overWebSocket?: boolean
  /** On a server that has done nothing yet: rows that weigh memory. */
  fresh?: boolean
  load: Partial<LoadPlan> & Pick<LoadPlan, 'rooms' | 'subscribers' | 'publishers'>
}

const ALL: ServerName[] = ['raw Aedes', 'Aedes + INSERT', 'Tidings']
const ENDS: ServerName[] = ['raw Aedes', 'Tidings']
/** Memory is read after so long without traffic: V8 has taken back by then what connecting left behind. */
const IDLE_SECONDS = 25
/** Connections of the row `idle`: so many first, then the rest. */
export const BASE_CONNECTIONS = 1000
const IDLE_CONNECTIONS = 5000

const rooms = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}${index}`)

// Closed loop. The bound on deliveries under way keeps the generator, not the server, from being flooded.
const oneRoom = {
  rooms: rooms(1, 'hall-'),
  subscribers: 1000,
  publishers: 1,
  window: 50,
  outstanding: 100_000,
}
const trickle = { rooms: oneRoom.rooms, subscribers: 1000, publishers: 1, rate: 20 }

export const loadRows: LoadRow[] = [
  { id: 'room-qos0', title: '1 room x 1000, QoS 0', servers: ALL, load: oneRoom },
  { id: 'room-qos1', title: '1 room x 1000, QoS 1', servers: ALL, load: { ...oneRoom, qos: 1 } },
  { id: 'room-websocket', title: '1 room x 1000, WebSocket', servers: ALL, overWebSocket: true, load: oneRoom },
  {
    id: 'many-rooms',
    title: '200 rooms x 10, 200 publishers',
    servers: ALL,
    load: { rooms: rooms(200, 'room-'), subscribers: 2000, publishers: 200, window: 10, outstanding: 100_000 },
  },
  { id: 'trickle', title: '20 messages/s, 1 x 1000', servers: ENDS, load: trickle },
  {
    id: 'trickle-websocket',
    title: '20 messages/s, 1 x 1000, WebSocket',
    servers: ENDS,
    overWebSocket: true,
    load: trickle,
  },
  {
    id: 'latency',
    title: '500 messages/s to 5 000 deliveries/s',
    servers: ALL,
    load: { rooms: rooms(50, 'room-'), subscribers: 500, publishers: 50, rate: 500 },
  },
  {
    id: 'connects',
    title: '2 000 connects, nothing else',
    servers: ENDS,
    load: { rooms: rooms(1, 'hall-'), subscribers: 0, publishers: 2000, seconds: 0 },
  },
  {
    id: 'idle',
    title: `${IDLE_CONNECTIONS} connections idle for ${IDLE_SECONDS} s with 5 subscriptions`,
    servers: ENDS,
    fresh: true,
    load: {
      rooms: rooms(200, 'room-'),
      subscribers: IDLE_CONNECTIONS,
      roomsPerSubscriber: 5,
      publishers: 0,
      connectionsBefore: BASE_CONNECTIONS,
      idleSeconds: IDLE_SECONDS,
      seconds: 0,
    },
  },
]

/** The plan of one run of a row against one server. */
export function planOf(row: LoadRow, server: Server, options: Options): LoadPlan {
  const { pid, databasePid, speech, mqttPort, webSocketPort, webSocketPath } = server
  return {
    ...speech,
    port: row.overWebSocket ? webSocketPort : mqttPort,
    ...(row.overWebSocket ? { path: webSocketPath } : {}),
    roomsPerSubscriber: 1,
    qos: 0,
    payloadBytes: 200,
    rampSeconds: options.rampSeconds,
    seconds: options.seconds,
    connectionsBefore: 0,
    idleSeconds: 0,
    connectParallel: 100,
    serverPid: pid,
    ...(databasePid === undefined ? {} : { databasePid }),
    ...row.load,
  }
}
