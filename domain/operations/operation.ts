import type { Session } from '../../auth-plugin/index.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import type { LimitName } from '../limits/index.ts'

/** Who calls, through whichever door. */
export type Caller = {
  session: Session
  /** Over MQTT: the device that asked. */
  device?: DeviceId
  /** Over HTTP: the address, for rate limits only; never logged. */
  address?: string
  /** Over HTTP: the random mark that the door gave this browser in a cookie of its own, to know it again. */
  browser?: string
  /** Over HTTP: the origin of our pages as the caller has them, such as `https://chat.example.org`; absent for the pages of others. */
  origin?: string
}

/** How an operation is reached over HTTP: `POST /api/rooms/:room/join`. Parameters, query and body are one input. */
export type HttpRoute = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  /** Success status; 200 when absent. 204 sends no body. */
  status?: 200 | 201 | 204
  /** Body fields that have another name in the input, such as `{ id: 'room' }`. */
  rename?: Readonly<Record<string, string>>
  /** The body is no JSON object but a file of one of these types; the input has `body` (bytes) and `contentType`. */
  body?: { types: readonly string[]; maxBytes: number }
}

/** The part of a zod schema that the table needs; `zod/mini` schemas fit. */
export type Schema<Output> = {
  readonly _zod: { readonly output: Output; readonly input: unknown }
}

/**
 * One thing a client may ask, with its input, its answer, who may ask it, and what happens. HTTP routes and MQTT
 * requests are both made from the table of these.
 */
export type Operation<Input = unknown, Result = unknown> = {
  /** The name over MQTT, kebab-case. */
  name: string
  summary: string
  input: Schema<Input>
  /** `nobody`: no sign-in needed, HTTP only. `session`: people signed in, no app tokens. `write`/`read`: scope of app tokens. */
  access: 'nobody' | 'session' | 'write' | 'read'
  http: HttpRoute
  /** The limit that it falls under, over both doors; absent: none of its own. */
  limit?: LimitName
  /** Offered over MQTT too. */
  mqtt: boolean
  handle(input: Input, caller: Caller): Promise<Result>
}
