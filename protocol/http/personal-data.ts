/** Fetching one's own data, and deleting one's account (SPEC.md, PD1-PD4, DEL1-DEL6). */
import * as z from 'zod/mini'
import type { RoomId } from '../ids.ts'

/** Goes up when the files of an export change their meaning. */
export const EXPORT_VERSION = 1

export const exportInput = z.object({ password: z.optional(z.string()) })
export const deleteAccountInput = z.object({
  password: z.optional(z.string()),
  /** What becomes of what I wrote: it stays in nobody's name, or its text goes too. */
  messages: z.enum(['anonymise', 'remove']),
})

/** The file is at `/api/me/export/{ticket}`, once, within `expiresIn` seconds. */
export type ExportTicket = { ticket: string; expiresIn: number }

/** `details` of the `conflict` that answers who may not go yet: the rooms, and the server, need another owner first. */
export type DeletionObstacles = { rooms: { id: RoomId; name: string }[]; server: boolean }
