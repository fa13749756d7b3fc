import type { DeviceId, UserId } from '../protocol/ids.ts'
import type { Connection } from './connection.ts'

/** Who is connected to this node: one connection for each device of a user ([MQTT-3.1.4-2]). */
export class Connections {
  readonly #byUser = new Map<UserId, Map<DeviceId, Connection>>()
  readonly #byAddress = new Map<string, number>()
  size = 0

  /** The place of the device must be free. */
  add(connection: Connection): void {
    const { session, device, link } = connection
    const own = this.#byUser.get(session.user) ?? new Map<DeviceId, Connection>()
    this.#byUser.set(session.user, own.set(device, connection))
    this.#byAddress.set(link.wire.address, this.countOfAddress(link.wire.address) + 1)
    this.size++
  }

  /** Answers whether this was the last connection of its user. */
  remove(connection: Connection): boolean {
    const { session, device, link } = connection
    const own = this.#byUser.get(session.user)
    if (own?.get(device) !== connection) return false
    own.delete(device)
    this.size--
    const left = this.countOfAddress(link.wire.address) - 1
    if (left > 0) this.#byAddress.set(link.wire.address, left)
    else this.#byAddress.delete(link.wire.address)
    if (own.size === 0) this.#byUser.delete(session.user)
    return own.size === 0
  }

  /** Safe to walk while connections end: those that end are simply not met any more. */
  of(user: UserId): Iterable<Connection> {
    return this.#byUser.get(user)?.values() ?? []
  }

  ofDevice(user: UserId, device: DeviceId): Connection | undefined {
    return this.#byUser.get(user)?.get(device)
  }

  countOfUser(user: UserId): number {
    return this.#byUser.get(user)?.size ?? 0
  }

  countOfAddress(address: string): number {
    return this.#byAddress.get(address) ?? 0
  }

  *all(): Iterable<Connection> {
    for (const own of this.#byUser.values()) yield* own.values()
  }
}
