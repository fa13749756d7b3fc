/** The shapes of moderation: bans, mutes, and who owns a room (SPEC.md, MOD1-MOD9). */
import * as z from 'zod/mini'
import { roomIdSchema, userIdSchema } from '../http.ts'
import type { UserId } from '../ids.ts'
import { MAX_REASON_LENGTH } from '../limits.ts'
import { cleanText } from '../text.ts'

/** A line for the member concerned and for the log of the room. */
const reason = z.optional(
  z.string().check(
    z.maxLength(MAX_REASON_LENGTH),
    z.refine((value) => value.trim() !== '' && cleanText(value) !== undefined && !/[\n\t]/.test(value), 'one line'),
  ),
)
/** Milliseconds since 1970; absent: without end. */
const until = z.optional(z.int().check(z.positive(), z.maximum(8_639_999_999_999_999)))

/** A ban or a mute. */
export const restrictInput = z.object({ room: roomIdSchema, user: userIdSchema, until, reason })
export const removeMemberInput = z.object({ room: roomIdSchema, user: userIdSchema, reason })

export type Ban = {
  user: UserId
  displayName: string
  until?: number
  reason?: string
  by: UserId
  /** Milliseconds since 1970. */
  at: number
}
