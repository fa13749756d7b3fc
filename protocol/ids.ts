/**
 * The identifiers of the wire, branded so that one cannot be taken for another. A string becomes an id only by
 * passing its guard; nothing else in the house casts to these types.
 */
declare const brand: unique symbol
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

/** Chosen at creation, never changed: `[a-z0-9][a-z0-9-]{0,39}`. */
export type RoomId = Branded<string, 'RoomId'>
/** The name a person signs in with: `[a-z0-9][a-z0-9_.-]{1,31}`. */
export type UserId = Branded<string, 'UserId'>
/** One client id of one user: `[A-Za-z0-9_.:-]{1,64}`. */
export type DeviceId = Branded<string, 'DeviceId'>
/** Made by the client to send a command once: 1 to 64 printable ASCII characters. */
export type CommandId = Branded<string, 'CommandId'>
/** The place of an event in its room's log: 1, 2, 3, ... without gap. */
export type Seq = Branded<number, 'Seq'>

const ROOM_ID = /^[a-z0-9][a-z0-9-]{0,39}$/
const USER_ID = /^[a-z0-9][a-z0-9_.-]{1,31}$/
const DEVICE_ID = /^[A-Za-z0-9_.:-]{1,64}$/
const COMMAND_ID = /^[\x21-\x7e]([\x20-\x7e]{0,62}[\x21-\x7e])?$/

/** The same rules as text, for documents that describe the wire. */
export const idPatterns = { room: ROOM_ID.source, user: USER_ID.source, command: COMMAND_ID.source } as const

export const isRoomId = (value: unknown): value is RoomId => typeof value === 'string' && ROOM_ID.test(value)
export const isUserId = (value: unknown): value is UserId => typeof value === 'string' && USER_ID.test(value)
/** In the name of one that begins so remains what people wrote who have deleted their accounts (SPEC.md, DEL3). */
export const STAND_IN_PREFIX = 'deleted-'
export const isStandIn = (user: UserId): boolean => user.startsWith(STAND_IN_PREFIX)
export const isDeviceId = (value: unknown): value is DeviceId => typeof value === 'string' && DEVICE_ID.test(value)
export const isCommandId = (value: unknown): value is CommandId => typeof value === 'string' && COMMAND_ID.test(value)
export const isSeq = (value: unknown): value is Seq => Number.isSafeInteger(value) && (value as number) > 0
