import type { DeviceId, UserId } from '../protocol/ids.ts'
import type { Connection } from './connection.ts'

/** Who is connected to this node, by user and by device. */
export class Connections {
  readonly #byUser = new Map<UserId, Set<Connection>>()
  readonly #byAddress = new Map<string, number>()
  size = 0

  add(connection: Connection): void {
    const user = connection.session.user
    const own = this.#byUser.get(user) ?? new Set()
    this.#byUser.set(user, own.add(connection))
    const address = connection.link.wire.address
    this.#byAddress.set(address, this.countOfAddress(address) + 1)
    this.size++
  }

  /** Answers whether this was the last connection of its user. */
  remove(connection: Connection): boolean {
    const user = connection.session.user
    const own = this.#byUser.get(user)
    if (own?.delete(connection) !== true) return false
    this.size--
    const address = connection.link.wire.address
    const left = this.countOfAddress(address) - 1
    if (left > 0) this.#byAddress.set(address, left)
    else this.#byAddress.delete(address)
    if (own.size === 0) this.#byUser.delete(user)
    return own.size === 0
  }

  of(user: UserId): ReadonlySet<Connection> {
    return this.#byUser.get(user) ?? NOBODY
  }

  /** The connection of one client id of one user: there is one at most ([MQTT-3.1.4-2]). */
  ofDevice(user: UserId, device: DeviceId): Connection | undefined {
    for (const connection of this.of(user)) if (connection.device === device) return connection
    return undefined
  }

  countOfAddress(address: string): number {
    return this.#byAddress.get(address) ?? 0
  }

  *all(): Iterable<Connection> {
    for (const own of this.#byUser.values()) yield* own
  }
}

const NOBODY: ReadonlySet<Connection> = new Set()
