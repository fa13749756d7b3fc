/** Requests over MQTT, their replies, and rejections: all on the device's `replies` topic (SPEC.md, REQ1-REQ4, REJ1-REJ4). */
import * as z from 'zod/mini'
import type { ErrorBody, ErrorCode } from './errors.ts'

/** `users/{user}/requests`: `{"id":"r1","op":"history","room":"ops"}`; the fields beside `id` and `op` are the input. */
export const requestSchema = z.looseObject({
  id: z.string().check(z.minLength(1), z.maxLength(64)),
  op: z.string().check(z.minLength(1), z.maxLength(64)),
})
export type Request = z.infer<typeof requestSchema>

export type Reply =
  | { type: 'reply'; id: string; ok: true; result: unknown }
  | { type: 'reply'; id: string; ok: false; error: ErrorBody }

/** The sender gets the seq of his command when it has none of his own way to see it (a compact view has no ids). */
export type Accepted = { type: 'accepted'; id: string; room: string; seq: number }

/** A no to a PUBLISH; sent at QoS 0 before the PUBACK or PUBREC. */
export type Rejection = {
  type: 'rejected'
  id?: string
  topic: string
  code: ErrorCode
  message: string
  retryAfterMs?: number
}
