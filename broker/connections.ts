import type { DeviceId, RoomId, UserId } from '../protocol/ids.ts'
import type { Connection } from './connection.ts'

type Own = { devices: Map<DeviceId, Connection>; rooms: Set<RoomId> }

/** Who is connected to this node: one connection for each device of a user ([MQTT-3.1.4-2]). */
export class Connections {
  readonly #byUser = new Map<UserId, Own>()
  readonly #byAddress = new Map<string, number>()
  size = 0

  /** The place of the device must be free. */
  add(connection: Connection): void {
    const { session, device, link } = connection
    const own: Own = this.#byUser.get(session.user) ?? { devices: new Map(), rooms: new Set() }
    this.#byUser.set(session.user, own)
    own.devices.set(device, connection)
    connection.rooms = own.rooms
    this.#byAddress.set(link.wire.address, this.countOfAddress(link.wire.address) + 1)
    this.size++
  }

  /** Answers whether this was the last connection of its user. */
  remove(connection: Connection): boolean {
    const { session, device, link } = connection
    const own = this.#byUser.get(session.user)
    if (own?.devices.get(device) !== connection) return false
    own.devices.delete(device)
    this.size--
    const left = this.countOfAddress(link.wire.address) - 1
    if (left > 0) this.#byAddress.set(link.wire.address, left)
    else this.#byAddress.delete(link.wire.address)
    if (own.devices.size > 0) return false
    this.#byUser.delete(session.user)
    return true
  }

  /** Safe to walk while connections end: those that end are simply not met any more. */
  of(user: UserId): Iterable<Connection> {
    return this.#byUser.get(user)?.devices.values() ?? []
  }

  ofDevice(user: UserId, device: DeviceId): Connection | undefined {
    return this.#byUser.get(user)?.devices.get(device)
  }

  countOfUser(user: UserId): number {
    return this.#byUser.get(user)?.devices.size ?? 0
  }

  countOfAddress(address: string): number {
    return this.#byAddress.get(address) ?? 0
  }

  *all(): Iterable<Connection> {
    for (const own of this.#byUser.values()) yield* own.devices.values()
  }
}
