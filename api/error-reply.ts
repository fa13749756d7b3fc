import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ChatError, type ErrorCode, errorBody } from '../protocol/errors.ts'

/** What Fastify and its plugins refuse themselves, in the words of the catalogue. Other 4xx are `invalid_request`. */
const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
  429: 'rate_limited',
  431: 'too_large',
}
const publicMessages: Readonly<Record<number, string>> = {
  408: 'The request did not arrive in time.',
  415: 'Send the body as application/json.',
  431: 'The headers are too large.',
}

type Answer = { status: number; error: ChatError }

/** The error to show and the status to show it with; what nobody foresaw is `internal`. */
function toAnswer(error: unknown): Answer {
  if (error instanceof ChatError) return { status: error.status, error }
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  if (typeof status !== 'number' || status < 400 || status > 499) {
    return { status: 500, error: new ChatError('internal', { cause: error }) }
  }
  return { status, error: frameworkRefusal(status, error) }
}

function frameworkRefusal(status: number, cause?: unknown): ChatError {
  const publicMessage = publicMessages[status]
  return new ChatError(codeOfStatus[status] ?? 'invalid_request', {
    ...(publicMessage !== undefined && { publicMessage }),
    ...(cause !== undefined && { cause }),
  })
}

/**
 * The one error reply of the HTTP door (ERR1): `{ error: { code, message, details?, retryAfterMs? } }`, `Retry-After`
 * in whole seconds, `WWW-Authenticate` on 401. A bug is logged with its stack and shows nothing of itself.
 */
export function replyError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = toAnswer(error)
  logFailure(request, answer)
  return sendAnswer(reply, answer)
}

export const replyNotFound = (reply: FastifyReply): FastifyReply =>
  sendAnswer(reply, { status: 404, error: new ChatError('not_found') })

function sendAnswer(reply: FastifyReply, { status, error }: Answer): FastifyReply {
  if (status === 401) reply.header('www-authenticate', challenge(error.code))
  if (error.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterMs / 1000))
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send({ error: errorBody(error) })
}

/** RFC 6750: `invalid_token` tells the client to fetch another one; without a credential only the scheme is named. */
function challenge(code: ErrorCode): string {
  const refusedToken = code === 'invalid_token' || code === 'token_expired' || code === 'session_ended'
  return refusedToken ? 'Bearer realm="tidings", error="invalid_token"' : 'Bearer realm="tidings"'
}

function logFailure(request: FastifyRequest, { status, error }: Answer): void {
  const operation = request.routeOptions.config.operation ?? request.routeOptions.url
  const fields = { operation, status, code: error.code, ...error.context }
  // Stacks alone: the own properties of a database error may quote what people wrote.
  const stacks = { stack: error.stack, cause: error.cause instanceof Error ? error.cause.stack : undefined }
  if (error.code === 'internal') request.log.error({ ...fields, ...stacks }, 'request failed')
  else if (status >= 500) request.log.warn({ ...fields, ...stacks }, 'request not served')
  else request.log.debug(fields, 'request refused')
}

/** Answers what Node could not read as a request (broken syntax, endless headers, a client that never finishes). */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = statusOfClientError(error.code)
  const body = JSON.stringify({ error: errorBody(frameworkRefusal(status)) })
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

function statusOfClientError(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
}
