/** The shapes of profiles, contacts, privacy and blocks (SPEC.md, PEO1-PEO12). */
import * as z from 'zod/mini'
import type { RoomKind } from '../events.ts'
import { type User, userIdSchema } from '../http.ts'
import type { RoomId, UserId } from '../ids.ts'
import { AVATAR_TYPES, MAX_AVATAR_BYTES } from '../limits.ts'
import type { Presence } from '../presence.ts'
import type { Audience } from '../privacy.ts'

/** The picture as the body of a request; `contentType` is what its sender calls it. */
export const setAvatarInput = z.object({
  contentType: z.enum(AVATAR_TYPES),
  body: z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= MAX_AVATAR_BYTES, 'a picture'),
})

const audience = z.optional(z.enum(['everyone', 'contacts', 'nobody'] satisfies Audience[]))

/** What of the privacy settings is to be changed. */
export const updatePrivacyInput = z.object({
  direct: audience,
  presence: audience,
  lastSeen: audience,
  readMarks: z.optional(z.boolean()),
  typing: z.optional(z.boolean()),
})

export const blockInput = z.object({ user: userIdSchema })

/** A room that I share with somebody. */
export type SharedRoom = { id: RoomId; name: string; kind: RoomKind }

/** What one may know of another: the card that opens with a click on a name. */
export type Profile = User & {
  about?: string
  timeZone?: string
  presence?: Presence
  /** Rooms of both of us. */
  rooms: SharedRoom[]
}

/** Somebody whom I do not want to hear, since `at`. */
export type Block = { user: UserId; displayName: string; avatar?: string; at: number }
