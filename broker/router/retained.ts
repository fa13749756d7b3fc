/** The retained topics of rooms, `state` and `presence/{user}`: answered from the present, never stored ([RET1]). */
import type { RoomState } from '../../protocol/events.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Presence } from '../../protocol/presence.ts'
import { memberPresence, roomState } from '../../protocol/topics.ts'
import type { Connection } from '../connection.ts'
import { encodePublish } from './encode.ts'
import type { Grant } from './interest.ts'

export type RetainedDeps = {
  roomState(room: RoomId): Promise<RoomState | undefined>
  membersOf(room: RoomId): Promise<UserId[]>
  /** As the viewer may see it. */
  presenceOf(viewer: UserId, users: readonly UserId[]): Promise<Map<UserId, Presence>>
  onError(error: unknown): void
}

export const stateFrame = (state: RoomState, retain: boolean): Buffer =>
  encodePublish(Buffer.from(roomState(state.id)), json(state), retain)

export const presenceFrame = (room: RoomId, user: UserId, presence: Presence, retain: boolean): Buffer =>
  encodePublish(Buffer.from(memberPresence(room, user)), json(presence), retain)

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/**
 * Sends what is retained under a new subscription, one connection and room after the other. What a congested
 * connection could not take is sent when it has drained.
 */
export function createRetained(deps: RetainedDeps) {
  const turns = new WeakMap<Connection, Promise<void>>()

  function send(connection: Connection, filter: string): void {
    const turn = (turns.get(connection) ?? Promise.resolve()).then(() => sendAll(connection, filter))
    turns.set(
      connection,
      turn.catch((error) => deps.onError(error)),
    )
  }

  async function sendAll(connection: Connection, filter: string): Promise<void> {
    const grant = connection.subscriptions.grants.get(filter)
    if (grant === undefined) return
    for (const room of roomsOf(connection, grant)) {
      if (connection.link.outlet.closed || !connection.subscriptions.grants.has(filter)) return
      if (connection.link.outlet.congested) {
        connection.subscriptions.missedRetained = true
        return
      }
      if (wants(grant, 'state')) await sendState(connection, room)
      if (wants(grant, 'presence')) await sendPresence(connection, room, grant)
    }
  }

  async function sendState(connection: Connection, room: RoomId): Promise<void> {
    const state = await deps.roomState(room)
    if (state !== undefined && connection.subscriptions.interests.get(room)?.state === true) {
      connection.link.outlet.write(stateFrame(state, true))
    }
  }

  async function sendPresence(connection: Connection, room: RoomId, { filter }: Grant): Promise<void> {
    const members = await deps.membersOf(room)
    const only = filter.kind === 'room' && filter.user !== '+' ? filter.user : undefined
    const wanted = only === undefined ? members : members.filter((user) => user === only)
    const presences = await deps.presenceOf(connection.session.user, wanted)
    if (connection.subscriptions.interests.get(room)?.members.has('presence') !== true) return
    for (const user of wanted) {
      const presence = presences.get(user)
      if (presence !== undefined) connection.link.outlet.write(presenceFrame(room, user, presence, true))
    }
  }

  return { send }
}

function wants({ filter }: Grant, leaf: 'state' | 'presence'): boolean {
  return filter.kind === 'room-all' || (filter.kind === 'room' && filter.leaf === leaf)
}

function roomsOf(connection: Connection, { filter }: Grant): RoomId[] {
  if (filter.kind !== 'room' && filter.kind !== 'room-all') return []
  return filter.room === '+' ? connection.reachedRooms() : [filter.room]
}
