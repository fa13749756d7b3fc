import type { DeviceId, RoomId, UserId } from '../../protocol/ids.ts'

export type Cursor = { user: UserId; device: DeviceId; room: RoomId; seq: number }

/** Positions of durable subscriptions: the last event that a device has acknowledged, per room. */
export interface Cursors {
  /** The cursors of a device. */
  load(user: UserId, device: DeviceId): Promise<Map<RoomId, number>>
  /** Makes cursors or moves them forward, never back. `at`: milliseconds since 1970. Rooms that are gone are left out. */
  save(cursors: readonly Cursor[], at: number): Promise<void>
  /** Deletes the cursors of one user: those of a device, of a room, of both, or all. */
  remove(which: { user: UserId; device?: DeviceId; room?: RoomId }): Promise<void>
  /** Deletes cursors that were not moved since `before` (milliseconds since 1970). Answers how many. */
  removeStale(before: number): Promise<number>
}
