/** The shapes of invitations: of people, by link, on request, and to the server itself (SPEC.md, INV1-INV12). */
import * as z from 'zod/mini'
import type { Role, RoomKind } from '../events.ts'
import { nameSchema, roomIdSchema, type User, userIdSchema } from '../http.ts'
import type { RoomId } from '../ids.ts'
import {
  MAX_INVITE_SECONDS,
  MAX_INVITE_USES,
  MAX_REQUEST_TEXT_LENGTH,
  MAX_SERVER_INVITE_SECONDS,
  MIN_INVITE_SECONDS,
} from '../limits.ts'
import { cleanText } from '../text.ts'

const invitedRole = z.enum(['member', 'reader'] satisfies Role[])
export type InvitedRole = z.infer<typeof invitedRole>

const codeSchema = z.string().check(z.regex(/^[\w-]{1,64}$/))
const inviteIdSchema = z.string().check(z.regex(/^[\w-]{1,32}$/))
const uses = z.optional(z.int().check(z.minimum(1), z.maximum(MAX_INVITE_USES)))

export const inviteInput = z.object({
  room: roomIdSchema,
  user: userIdSchema,
  role: z._default(invitedRole, 'member'),
})
export const createInviteLinkInput = z.object({
  room: roomIdSchema,
  role: z._default(invitedRole, 'member'),
  /** Seconds; absent: does not end. */
  expiresIn: z.optional(z.int().check(z.minimum(MIN_INVITE_SECONDS), z.maximum(MAX_INVITE_SECONDS))),
  /** How many may come by it; absent: any number. */
  uses,
})
export const inviteLinkInput = z.object({ room: roomIdSchema, invite: inviteIdSchema })
export const inviteCodeInput = z.object({ code: codeSchema })
export const askToJoinInput = z.object({
  room: roomIdSchema,
  text: z._default(
    z.string().check(
      z.maxLength(MAX_REQUEST_TEXT_LENGTH),
      z.refine((value) => cleanText(value) !== undefined, 'text without control characters'),
    ),
    '',
  ),
})
export const joinRequestInput = z.object({ room: roomIdSchema, user: userIdSchema })
export const createServerInviteInput = z.object({
  /** What it is for; seen by those who administer. */
  note: z.optional(nameSchema),
  /** Seconds; absent: does not end. */
  expiresIn: z.optional(z.int().check(z.minimum(MIN_INVITE_SECONDS), z.maximum(MAX_SERVER_INVITE_SECONDS))),
  uses,
})
export const serverInviteInput = z.object({ invite: inviteIdSchema })

/** A room that somebody wants me in. Times in milliseconds since 1970. */
export type Invitation = {
  room: RoomId
  name: string
  topicLine: string
  kind: RoomKind
  members: number
  role: InvitedRole
  by: User
  at: number
}
/** Somebody who is invited to a room and has not answered. */
export type PendingInvitation = { user: User; role: InvitedRole; by: User; at: number }

/** `code` and `url` are absent where the secret key of the server is not the one that sealed it; the link works all the same. */
export type InviteLink = {
  id: string
  code?: string
  /** `PUBLIC_URL/invite/CODE`. */
  url?: string
  role: InvitedRole
  /** How many came by it, and how many may; null: any number. */
  used: number
  uses: number | null
  createdAt: number
  expiresAt: number | null
  /** Absent for what was made at the command line. */
  by?: User
}
export type ServerInvite = Omit<InviteLink, 'role'> & { note: string }

/** What a code leads to, for whoever holds it. */
export type InviteDescription = {
  room?: {
    name: string
    kind: RoomKind
    members: number
    /** Only for those who are in it already. */
    id?: RoomId
  }
  by?: User
  expiresAt: number | null
  /** Whether a new account can be made with it. */
  registers: boolean
}

export type JoinRequest = { user: User; text: string; at: number }
/** What I have asked for: no more of the room than its id is known to me. */
export type MyJoinRequest = { room: RoomId; text: string; at: number }
