import { inScope, type Session } from '../auth-plugin/index.ts'
import type { Asker } from '../domain/index.ts'
import { type DeviceId, isDeviceId, type RoomId } from '../protocol/ids.ts'
import type { Reply } from '../protocol/requests.ts'
import { deviceReplies, type View } from '../protocol/topics.ts'
import type { Link } from './aedes/attached-link.ts'
import { DeliveryWindow } from './router/delivery-window.ts'
import { encodePublish } from './router/encode.ts'
import type { Grant, Interest, Qos } from './router/interest.ts'

/** How the `renew` request proves a fresh token; set by the broker, as it asks the auth plugin. */
export type Renew = (connection: Connection, token: string) => Promise<{ expiresAt: number | null }>

/** One client that is connected: who it is, what it listens to, and the way to it. */
export class Connection implements Asker {
  session: Session
  readonly device: DeviceId
  /** Connected with clean session 0: its QoS 1 subscriptions to views are cursors. */
  readonly durable: boolean
  readonly link: Link
  readonly subscriptions = new Subscriptions()
  /** The rooms of the user, one set for all connections of his; kept by the router. */
  rooms: Set<RoomId> = new Set()
  readonly #renew: Renew
  /** Publishes to unknown or foreign topics in the present minute. */
  offences = 0
  offencesSince = 0

  constructor(fields: { session: Session; device: DeviceId; durable: boolean; link: Link; renew: Renew }) {
    this.session = fields.session
    this.device = fields.device
    this.durable = fields.durable
    this.link = fields.link
    this.#renew = fields.renew
  }

  get transport(): Link['wire']['transport'] {
    return this.link.wire.transport
  }

  /** Whether `rooms/+/...` takes in a room: one of the user's rooms that this credential reaches. */
  reaches(room: RoomId): boolean {
    return this.rooms.has(room) && inScope(this.session, room)
  }

  reachedRooms(): RoomId[] {
    return [...this.rooms].filter((room) => inScope(this.session, room))
  }

  /** At QoS 0, whether or not the device has subscribed ([REJ1], [REQ2]). */
  reply(payload: Reply | object): void {
    const topic = Buffer.from(deviceReplies(this.session.user, this.device))
    this.link.outlet.write(encodePublish(topic, Buffer.from(JSON.stringify(payload)), false))
  }

  renew(token: string): Promise<{ expiresAt: number | null }> {
    return this.#renew(this, token)
  }
}

export const deviceIdOf = (clientId: string, makeId: () => string): DeviceId | undefined => {
  const id = clientId === '' ? makeId() : clientId
  return isDeviceId(id) ? id : undefined
}

/** One connection listening to one view of one room. */
export class ViewSubscription {
  readonly connection: Connection
  readonly room: RoomId
  readonly view: View
  qos: Qos
  /** The last seq that was handed to the connection; 0 when it began with whatever comes next. */
  position = 0
  /** QoS 1: everything up to here was acknowledged. What a cursor stores. */
  acknowledged = 0
  /** QoS 1: not given live events, because it is being brought up from the log. */
  behind = false

  constructor(connection: Connection, room: RoomId, view: View, qos: Qos) {
    this.connection = connection
    this.room = room
    this.view = view
    this.qos = qos
  }

  get durable(): boolean {
    return this.connection.durable && this.qos === 1
  }
}

/** What one connection listens to. Written by the router alone. */
export class Subscriptions {
  readonly grants = new Map<string, Grant>()
  readonly interests = new Map<RoomId, Interest>()
  readonly views = new Map<RoomId, ViewSubscription[]>()
  inbox = false
  /** Filters that were asked for and are not granted or refused yet. They count as granted ([LIM3]). */
  waiting = 0
  /** Rooms that fell silent meanwhile: what is granted of them comes too late. */
  silenced: Set<RoomId> | undefined
  /** Something that is retained was left out while the connection was congested. */
  missedRetained = false
  /** Made with the first QoS 1 delivery. */
  #window: DeliveryWindow<ViewSubscription> | undefined
  /** Durable: stored positions that a subscription starts from, once loaded. */
  cursors: Map<RoomId, number> | undefined

  get window(): DeliveryWindow<ViewSubscription> {
    this.#window ??= new DeliveryWindow()
    return this.#window
  }
}
