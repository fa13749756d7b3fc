/** Who is here, what they have read, and what concerns one user (SPEC.md, PRE1-PRE4, RCP1-RCP3, INB1). */
import * as z from 'zod/mini'
import type { Role } from './events.ts'
import type { RoomId, UserId } from './ids.ts'
import { MAX_STATUS_LENGTH } from './limits.ts'

/** `users/{user}/status`: what a user says of itself. */
export const statusSchema = z.object({
  state: z._default(z.enum(['online', 'away', 'busy']), 'online'),
  text: z.optional(z.string().check(z.maxLength(MAX_STATUS_LENGTH))),
})
export type Status = z.infer<typeof statusSchema>

/** `rooms/{room}/presence/{user}`, retained: what the server states. Times in milliseconds since 1970. */
export type Presence =
  | { state: 'online' | 'away' | 'busy'; since: number; text?: string }
  | { state: 'offline'; lastSeen?: number }

/** `rooms/{room}/mark`: the positions that a device reports. Marks only move forward. */
export const markSchema = z
  .object({
    read: z.optional(z.int().check(z.nonnegative())),
    delivered: z.optional(z.int().check(z.nonnegative())),
  })
  .check(z.refine((mark) => mark.read !== undefined || mark.delivered !== undefined, 'read or delivered is required'))
export type Mark = z.infer<typeof markSchema>

/** `rooms/{room}/receipts/{user}`: the positions that the server states for a member. */
export type Receipt = { read: number; delivered: number }

/** `users/{user}/inbox`: what concerns a user beside the events of rooms. */
export type Notice =
  | { type: 'added'; room: RoomId; role: Role; by: UserId }
  /** `banned`: and may not come back, until a time in ms or without end. */
  | { type: 'removed'; room: RoomId; by: UserId; reason?: string; banned?: { until?: number } }
  | { type: 'invited'; room: RoomId; by: UserId }
  /** An invitation is over: answered on another device, or taken back. */
  | { type: 'uninvited'; room: RoomId }
  | { type: 'join-request'; room: RoomId; user: UserId }
  | { type: 'role'; room: RoomId; role: Role; by: UserId }
  | { type: 'mention'; room: RoomId; seq: number; from: UserId }
  | { type: 'read'; room: RoomId; read: number; unread: number; mentions: number }
  | { type: 'unread'; room: RoomId; head: number; unread: number; mentions: number }
  /** Somebody who shares a room with the user has another name or picture. */
  | { type: 'profile'; user: UserId; displayName: string; avatar?: string }
  /** The user has blocked somebody, or takes it back, on another device perhaps. */
  | { type: 'blocked'; user: UserId; blocked: boolean }
