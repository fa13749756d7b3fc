/**
 * Every topic of the wire, built and parsed here and nowhere else (system of topics: SPEC.md, TOP1-TOP9).
 * Free of schemas, so that the browser can import it for a few hundred bytes.
 */
import { type DeviceId, isDeviceId, isRoomId, isUserId, type RoomId, type UserId } from './ids.ts'

/** The three spellings of one log: JSON, CBOR with integer keys, one plain line. */
export type View = 'messages' | 'compact' | 'text'
/** A server-written leaf of a room; the last three are followed by a user id. */
export type RoomLeaf = View | 'state' | 'presence' | 'typing' | 'receipts'

export const VIEWS: readonly View[] = ['messages', 'compact', 'text']
const PLAIN_LEAVES: readonly string[] = ['messages', 'compact', 'text', 'state']
const MEMBER_LEAVES: readonly string[] = ['presence', 'typing', 'receipts']

// Clients write.
export const roomSend = (room: RoomId): string => `rooms/${room}/send`
export const roomMark = (room: RoomId): string => `rooms/${room}/mark`
export const roomTyping = (room: RoomId): string => `rooms/${room}/typing`
export const userStatus = (user: UserId): string => `users/${user}/status`
export const userRequests = (user: UserId): string => `users/${user}/requests`

// The server writes.
export const roomView = (room: RoomId, view: View): string => `rooms/${room}/${view}`
export const roomState = (room: RoomId): string => `rooms/${room}/state`
export const memberPresence = (room: RoomId, user: UserId): string => `rooms/${room}/presence/${user}`
export const memberTyping = (room: RoomId, user: UserId): string => `rooms/${room}/typing/${user}`
export const memberReceipts = (room: RoomId, user: UserId): string => `rooms/${room}/receipts/${user}`
export const userInbox = (user: UserId): string => `users/${user}/inbox`
export const deviceReplies = (user: UserId, device: DeviceId): string => `users/${user}/devices/${device}/replies`
export const deviceInbox = (user: UserId, device: DeviceId): string => `users/${user}/devices/${device}/inbox`

// Filters that mean "my rooms, now and later", or "this device, whatever its id".
export const myRooms = (leaf: RoomLeaf): string =>
  MEMBER_LEAVES.includes(leaf) ? `rooms/+/${leaf}/+` : `rooms/+/${leaf}`
export const ownReplies = (user: UserId): string => `users/${user}/devices/+/replies`

/** What a topic name on a PUBLISH is: one a client may write, or one that only the server writes. */
export type PublishTopic =
  | { kind: 'send' | 'mark' | 'typing'; room: RoomId }
  | { kind: 'status' | 'requests'; user: UserId }
  | { kind: 'server-written' }

/** A topic name on a message from the server, for clients that receive it. */
export type ServerTopic =
  | { kind: 'view'; room: RoomId; view: View }
  | { kind: 'state'; room: RoomId }
  | { kind: 'presence' | 'typing' | 'receipts'; room: RoomId; user: UserId }
  | { kind: 'inbox'; user: UserId }
  | { kind: 'replies' | 'device-inbox'; user: UserId; device: DeviceId }

/** A subscription that may be granted, subject to the topic policy. `'+'` stands for "every". */
export type Filter =
  | { kind: 'room'; room: RoomId | '+'; leaf: RoomLeaf; user?: UserId | '+' }
  | { kind: 'room-all'; room: RoomId | '+' }
  | { kind: 'inbox' | 'user-all'; user: UserId }
  | { kind: 'replies' | 'device-inbox'; user: UserId; device: DeviceId | '+' }

/** Reads a topic name that the server writes; `undefined` when it is none of ours. Never throws. */
export function parseServerTopic(topic: string): ServerTopic | undefined {
  const [root, id, leaf, third, fourth, rest] = topic.split('/')
  if (rest !== undefined) return undefined
  if (root === 'rooms' && isRoomId(id)) {
    if (leaf === undefined || fourth !== undefined) return undefined
    if (third === undefined) {
      if (leaf === 'state') return { kind: 'state', room: id }
      return PLAIN_LEAVES.includes(leaf) ? { kind: 'view', room: id, view: leaf as View } : undefined
    }
    if (!MEMBER_LEAVES.includes(leaf) || !isUserId(third)) return undefined
    return { kind: leaf as 'presence' | 'typing' | 'receipts', room: id, user: third }
  }
  if (root !== 'users' || !isUserId(id)) return undefined
  if (leaf === 'inbox' && third === undefined) return { kind: 'inbox', user: id }
  if (leaf !== 'devices' || !isDeviceId(third)) return undefined
  if (fourth === 'replies') return { kind: 'replies', user: id, device: third }
  return fourth === 'inbox' ? { kind: 'device-inbox', user: id, device: third } : undefined
}

/** Reads the topic name of a PUBLISH from a client; `undefined` is an unknown topic. Never throws. */
export function parsePublishTopic(topic: string): PublishTopic | undefined {
  const [root, id, leaf, rest] = topic.split('/')
  if (rest === undefined && leaf !== undefined) {
    if (root === 'rooms' && isRoomId(id) && (leaf === 'send' || leaf === 'mark' || leaf === 'typing')) {
      return { kind: leaf, room: id }
    }
    if (root === 'users' && isUserId(id) && (leaf === 'status' || leaf === 'requests')) return { kind: leaf, user: id }
  }
  return parseServerTopic(topic) === undefined ? undefined : { kind: 'server-written' }
}

/** Reads a topic filter; `undefined` is one that nobody may have ([TOP5]). Never throws. */
export function parseFilter(filter: string): Filter | undefined {
  const [root, id, leaf, third, fourth, rest] = filter.split('/')
  if (rest !== undefined || leaf === undefined) return undefined
  if (root === 'rooms' && (id === '+' || isRoomId(id)) && fourth === undefined) {
    const room = id as RoomId | '+'
    if (leaf === '#') return third === undefined ? { kind: 'room-all', room } : undefined
    if (third === undefined) {
      return PLAIN_LEAVES.includes(leaf) ? { kind: 'room', room, leaf: leaf as RoomLeaf } : undefined
    }
    if (!MEMBER_LEAVES.includes(leaf) || !(third === '+' || isUserId(third))) return undefined
    return { kind: 'room', room, leaf: leaf as RoomLeaf, user: third as UserId | '+' }
  }
  if (root !== 'users' || !isUserId(id)) return undefined
  if (leaf === '#') return third === undefined ? { kind: 'user-all', user: id } : undefined
  if (leaf === 'inbox') return third === undefined ? { kind: 'inbox', user: id } : undefined
  if (leaf !== 'devices' || !(third === '+' || isDeviceId(third))) return undefined
  const device = third as DeviceId | '+'
  if (fourth === 'replies') return { kind: 'replies', user: id, device }
  return fourth === 'inbox' ? { kind: 'device-inbox', user: id, device } : undefined
}
