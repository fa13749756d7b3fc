/**
 * The closed catalogue of errors: one code, one line for people, the HTTP status, and whether the same thing may
 * succeed later. Replies over HTTP, rejections and replies over MQTT, and the SDK all speak it (SPEC.md, ERR1).
 */
type Entry = { readonly status: number; readonly retryable: boolean; readonly message: string }

const catalogue = {
  invalid_request: { status: 400, retryable: false, message: 'The request is not valid; see details.' },
  invalid_command: { status: 400, retryable: false, message: 'The command is not valid.' },
  unknown_type: { status: 400, retryable: false, message: 'There is no command of that type.' },
  unknown_operation: { status: 400, retryable: false, message: 'There is no operation of that name.' },
  unknown_topic: { status: 400, retryable: false, message: 'There is no such topic.' },
  not_writable: { status: 403, retryable: false, message: 'Only the server writes to this topic.' },
  weak_password: { status: 400, retryable: false, message: 'Choose another password.' },
  unauthorized: { status: 401, retryable: false, message: 'Sign in first.' },
  invalid_credentials: { status: 401, retryable: false, message: 'User name or password is wrong.' },
  invalid_token: { status: 401, retryable: false, message: 'The token is not valid; sign in again.' },
  token_expired: { status: 401, retryable: true, message: 'The token has expired; refresh it.' },
  second_factor_required: { status: 401, retryable: false, message: 'A second factor is needed; see details.' },
  invalid_otp: { status: 401, retryable: false, message: 'The code is wrong or was used already.' },
  invalid_link: { status: 400, retryable: false, message: 'The link is not valid any more; ask for a new one.' },
  suspended: { status: 403, retryable: false, message: 'This account is suspended.' },
  session_ended: { status: 401, retryable: false, message: 'This session has ended; sign in again.' },
  forbidden: { status: 403, retryable: false, message: 'You may not do this.' },
  not_member: { status: 403, retryable: false, message: 'You are not a member of this room.' },
  banned: { status: 403, retryable: false, message: 'You are banned from this room.' },
  muted: { status: 403, retryable: false, message: 'You are muted in this room.' },
  room_archived: { status: 409, retryable: false, message: 'This room is archived: nothing more is written to it.' },
  out_of_scope: { status: 403, retryable: false, message: 'This token may not do that.' },
  registration_closed: { status: 403, retryable: false, message: 'Registration is closed on this server.' },
  not_found: { status: 404, retryable: false, message: 'Not found.' },
  room_not_found: { status: 404, retryable: false, message: 'There is no such room.' },
  user_not_found: { status: 404, retryable: false, message: 'There is no such user.' },
  message_not_found: { status: 404, retryable: false, message: 'There is no such message in this room.' },
  username_taken: { status: 409, retryable: false, message: 'This user name is taken.' },
  email_taken: { status: 409, retryable: false, message: 'This e-mail address belongs to another account.' },
  room_exists: { status: 409, retryable: false, message: 'A room with this id exists.' },
  conflict: { status: 409, retryable: false, message: 'This is not possible in the present state.' },
  invalid_image: { status: 415, retryable: false, message: 'A picture must be a PNG, JPEG or WebP file.' },
  too_large: { status: 413, retryable: false, message: 'Too large.' },
  rate_limited: { status: 429, retryable: true, message: 'Too many requests; wait a moment.' },
  internal: { status: 500, retryable: true, message: 'Something went wrong on the server.' },
  unavailable: { status: 503, retryable: true, message: 'The service is not available right now; try again.' },
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof catalogue
export const errorCatalogue: Readonly<Record<ErrorCode, Entry>> = catalogue

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(catalogue, value)

/** A no as a value: what pure code returns instead of throwing. */
export type Refusal = { code: ErrorCode; message?: string; retryAfterMs?: number; details?: unknown }

/** What goes on the wire for an error, in every door. */
export type ErrorBody = { code: ErrorCode; message: string; retryAfterMs?: number; details?: unknown }

/**
 * The one exception of the house. `publicMessage` and `details` may be shown to the client; `cause` and `context`
 * go to the log only.
 */
export class ChatError extends Error {
  readonly code: ErrorCode
  readonly publicMessage: string
  readonly details: unknown
  readonly retryAfterMs: number | undefined
  readonly context: Record<string, unknown> | undefined

  constructor(
    code: ErrorCode,
    options: {
      publicMessage?: string
      details?: unknown
      retryAfterMs?: number
      cause?: unknown
      context?: Record<string, unknown>
    } = {},
  ) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ChatError'
    this.code = code
    this.publicMessage = options.publicMessage ?? catalogue[code].message
    this.details = options.details
    this.retryAfterMs = options.retryAfterMs
    this.context = options.context
  }

  get status(): number {
    return catalogue[this.code].status
  }

  get retryable(): boolean {
    return catalogue[this.code].retryable
  }
}

/** Turns a refusal into the exception that boundaries throw. */
export function refusalError(no: Refusal): ChatError {
  return new ChatError(no.code, {
    ...(no.message !== undefined && { publicMessage: no.message }),
    ...(no.details !== undefined && { details: no.details }),
    ...(no.retryAfterMs !== undefined && { retryAfterMs: no.retryAfterMs }),
  })
}

/** The public part of any error; what is not a ChatError is a bug and shows as `internal`. */
export function errorBody(error: unknown): ErrorBody {
  const known = error instanceof ChatError ? error : new ChatError('internal')
  return {
    code: known.code,
    message: known.publicMessage,
    ...(known.retryAfterMs !== undefined && { retryAfterMs: known.retryAfterMs }),
    ...(known.details !== undefined && { details: known.details }),
  }
}
