import type { RoomId } from '../../protocol/ids.ts'
import type { View } from '../../protocol/topics.ts'
import type { Connection } from '../connection.ts'
import { DeliveryWindow } from './delivery-window.ts'
import type { Grant, Interest, Qos } from './interest.ts'

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
  /** The rooms of the user that this credential reaches: what `rooms/+/...` means. */
  readonly rooms = new Set<RoomId>()
  readonly interests = new Map<RoomId, Interest>()
  readonly views = new Map<RoomId, ViewSubscription[]>()
  inbox = false
  /** Something that is retained was left out while the connection was congested. */
  missedRetained = false
  /** Made with the first QoS 1 delivery. */
  #window: DeliveryWindow | undefined
  /** Durable: stored positions that a subscription starts from, once loaded. */
  cursors: Map<RoomId, number> | undefined

  get window(): DeliveryWindow {
    this.#window ??= new DeliveryWindow()
    return this.#window
  }
}
