/** The shapes of operations, for HTTP bodies and MQTT requests alike (SPEC.md, OPS1-OPS4). */
import * as z from 'zod/mini'
import type { ChatEvent, HistoryPage, HistoryRule, Role, RoomKind, RoomState } from './events.ts'
import { type EmailState, emailSchema } from './http/email.ts'
import { type CommandId, isCommandId, isRoomId, isUserId, type RoomId, type UserId } from './ids.ts'
import {
  MAX_ABOUT_LENGTH,
  MAX_MEMBERS_AT_CREATION,
  MAX_NAME_LENGTH,
  MAX_ROOMS_PER_CATCH_UP,
  MAX_SEQ,
  MAX_SLOW_MODE_SECONDS,
  MAX_TOPIC_LINE_LENGTH,
  MEMBERS_MAX,
  PAGE_DEFAULT,
  PAGE_MAX,
} from './limits.ts'
import type { Presence, Receipt } from './presence.ts'
import type { Mute } from './room-settings.ts'
import type { ServerRole } from './server-role.ts'
import { cleanText } from './text.ts'
import { isTimeZone } from './time-zone.ts'

export const roomIdSchema = z.custom<RoomId>(isRoomId, 'a room id: a-z, 0-9 and -, at most 40, not beginning with -')
export const userIdSchema = z.custom<UserId>(isUserId, 'a user name: a-z, 0-9, _, . and -, 2 to 32')
export const commandIdSchema = z.custom<CommandId>(isCommandId, 'id: 1 to 64 printable ASCII characters')

/** One line for people: NFC, no control characters, not blank. */
const line = (max: number) =>
  z.string().check(
    z.maxLength(max),
    z.refine(
      (value) => value.trim().length > 0 && cleanText(value) !== undefined && !/[\n\t]/.test(value),
      'one line of text',
    ),
  )
export const nameSchema = line(MAX_NAME_LENGTH)
const topicLineSchema = z.union([z.literal(''), line(MAX_TOPIC_LINE_LENGTH)])
export const roleSchema = z.enum(['owner', 'admin', 'member', 'reader'] satisfies Role[])
export const kindSchema = z.enum(['public', 'private', 'direct'] satisfies RoomKind[])
/** What of the settings is to be changed. */
export const settingsSchema = z.object({
  history: z.optional(z.enum(['all', 'since_joining'] satisfies HistoryRule[])),
  permissions: z.optional(
    z.object({
      write: z.optional(roleSchema),
      invite: z.optional(roleSchema),
      rename: z.optional(roleSchema),
      pin: z.optional(roleSchema),
      deleteOthers: z.optional(roleSchema),
    }),
  ),
  /** Seconds; 0: off. */
  slowMode: z.optional(z.int().check(z.minimum(0), z.maximum(MAX_SLOW_MODE_SECONDS))),
  joinRequests: z.optional(z.boolean()),
})

const pageLimit = z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(PAGE_MAX)), PAGE_DEFAULT)
const position = z.coerce.number().check(z.int(), z.minimum(0), z.maximum(MAX_SEQ))

// Accounts.
export const registerInput = z.object({
  username: userIdSchema,
  password: z.string(),
  displayName: z.optional(nameSchema),
  email: z.optional(emailSchema),
  invite: z.optional(z.string()),
  /** How the session is called in the list of sessions. */
  device: z.optional(nameSchema),
})
export const loginInput = z.object({
  username: z.string(),
  password: z.string(),
  otp: z.optional(z.string()),
  device: z.optional(nameSchema),
})
export const refreshInput = z.object({ refreshToken: z.optional(z.string()) })
export const changePasswordInput = z.object({ password: z.string(), newPassword: z.string() })
/** `about` and `timeZone`: an empty text takes them back. */
export const updateMeInput = z.object({
  displayName: z.optional(nameSchema),
  about: z.optional(z.union([z.literal(''), line(MAX_ABOUT_LENGTH)])),
  timeZone: z.optional(z.union([z.literal(''), z.string().check(z.refine(isTimeZone, 'a time zone, Europe/Rome'))])),
})
export const createTokenInput = z.object({
  name: nameSchema,
  rooms: z.optional(z.array(roomIdSchema).check(z.minLength(1), z.maxLength(100))),
  access: z._default(z.enum(['read', 'write']), 'write'),
  expiresAt: z.optional(z.int().check(z.positive())),
})

/** `avatar`: the picture is at `/api/avatars/{avatar}`; absent for who has none. */
export type User = { id: UserId; displayName: string; avatar?: string }
export type Me = User & EmailState & { createdAt: number; serverRole?: ServerRole; about?: string; timeZone?: string }
/** Answer of register, login and refresh. `expiresIn` in seconds. */
export type SignedIn = { user: User; accessToken: string; expiresIn: number; refreshToken: string }
export type Transport = 'tcp' | 'tls' | 'websocket'
/** `connected`: over what MQTT is spoken with it right now. */
export type SessionInfo = {
  id: string
  device: string
  createdAt: number
  lastUsedAt: number
  current: boolean
  connected: Transport[]
}
export type AppToken = {
  id: string
  name: string
  rooms: RoomId[] | null
  access: 'read' | 'write'
  expiresAt: number | null
  createdAt: number
  lastUsedAt: number | null
  connected: Transport[]
}
/** The answer to making one: the token is shown this once. */
export type NewAppToken = Omit<AppToken, 'lastUsedAt' | 'connected'> & { token: string }

/** What may be known without signing in. Ports of MQTT over TCP and over TLS; 0: not spoken. `email`: whether mail is sent. */
export type ServerInfo = {
  registration: 'open' | 'invite' | 'closed'
  mqttPort: number
  mqttsPort: number
  email: boolean
  /** The provider that people may sign in with; `name` is for a button. */
  oidc?: { name: string }
}

// Rooms and members.
export const createRoomInput = z.object({
  /** `id` over HTTP. Generated when absent; never chosen for direct rooms. */
  room: z.optional(roomIdSchema),
  name: z.optional(nameSchema),
  kind: kindSchema,
  topicLine: z.optional(topicLineSchema),
  members: z._default(z.array(userIdSchema).check(z.maxLength(MAX_MEMBERS_AT_CREATION)), []),
})
export const updateRoomInput = z.object({
  room: roomIdSchema,
  name: z.optional(nameSchema),
  topicLine: z.optional(topicLineSchema),
  settings: z.optional(settingsSchema),
  archived: z.optional(z.boolean()),
})
export const roomInput = z.object({ room: roomIdSchema })
export const listRoomsInput = z.object({
  /** `mine` (default) or public rooms to browse. */
  scope: z._default(z.enum(['mine', 'public']), 'mine'),
  q: z.optional(z.string().check(z.maxLength(100))),
})
/** A page of members by user name; `after`: the last one of the page before. */
export const membersInput = z.object({
  room: roomIdSchema,
  after: z.optional(userIdSchema),
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MEMBERS_MAX)), MEMBERS_MAX),
})
export const memberInput = z.object({ room: roomIdSchema, user: userIdSchema })
export const putMemberInput = z.object({
  room: roomIdSchema,
  user: userIdSchema,
  /** Absent: `member` for somebody new, unchanged for a member. */
  role: z.optional(roleSchema),
})
export const listUsersInput = z.object({ q: z._default(z.string().check(z.maxLength(100)), ''), limit: pageLimit })
export const userInput = z.object({ user: userIdSchema })

export type Member = {
  user: UserId
  displayName: string
  avatar?: string
  role: Role
  joinedAt: number
  /** Does not write until then, if there is an end; it may be over. */
  mute?: Mute
  presence?: Presence
  receipt?: Receipt
}
export type RoomInfo = RoomState & {
  /** My role; absent in a public room that I have not joined. */
  role?: Role
  /** My mute; it may be over. */
  mute?: Mute
  createdAt: number
}

// Messages.
export const historyInput = z
  .object({ room: roomIdSchema, after: z.optional(position), before: z.optional(position), limit: pageLimit })
  .check(z.refine((q) => q.after === undefined || q.before === undefined, 'after or before, not both'))
/** `room` and the fields of a command (SPEC.md CMD1); without `type` it is a message. */
export const sendInput = z.looseObject({ room: roomIdSchema })
export const catchUpInput = z.object({
  rooms: z
    .record(roomIdSchema, position)
    .check(
      z.refine(
        (rooms) => Object.keys(rooms).length <= MAX_ROOMS_PER_CATCH_UP,
        `at most ${MAX_ROOMS_PER_CATCH_UP} rooms`,
      ),
    ),
  limit: pageLimit,
})
export const markInput = z.object({
  room: roomIdSchema,
  read: z.optional(position),
  delivered: z.optional(position),
})

export type Sent = { seq: number; id?: CommandId; at: number }
export type CatchUp = { rooms: Record<RoomId, HistoryPage> }

/** Everything a client needs to start. */
export type SyncRoom = RoomInfo & {
  read: number
  delivered: number
  unread: number
  mentions: number
  last?: ChatEvent
  /** For direct rooms: the other one. */
  peer?: UserId
  /** How many ask to be let in, for those who decide about it; absent where nobody does. */
  joinRequests?: number
}
export type Sync = {
  me: Me
  rooms: SyncRoom[]
  /** Display data of everybody in my rooms, at most 500; others on request. */
  users: (User & { presence?: Presence })[]
  /** Whom I have blocked. */
  blocked: UserId[]
  /** How many rooms I am invited to; absent from what a client keeps. */
  invitations?: number
}
