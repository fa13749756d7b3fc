import type { FastifyReply, FastifyRequest } from 'fastify'
import { ChatError } from '../protocol/errors.ts'
import { cookieAttributes } from './cookie-attributes.ts'

const NAME = 'tidings_refresh'
/** Longer than any refresh token lives: the server decides when a token ends, the cookie only carries it. */
const MAX_AGE_SECONDS = 180 * 24 * 3_600

const takenBy: ReadonlySet<string> = new Set(['refresh', 'logout'])
const clearedBy: ReadonlySet<string> = new Set(['logout', 'end-sessions', 'delete-account'])

/** The refresh token as a cookie of the web client, out of reach of its scripts (system.md 5). */
export interface RefreshCookie {
  /** The input with the cookie's token, for operations that take one and got none in the body. */
  fill(operation: string, request: FastifyRequest, input: Record<string, unknown>): Record<string, unknown>
  /** Sets or clears the cookie after the operation has succeeded. */
  follow(operation: string, request: FastifyRequest, reply: FastifyReply, result: unknown): void
  /** Clears a cookie whose token has been refused, so that the browser stops offering it. */
  followFailure(operation: string, request: FastifyRequest, reply: FastifyReply, error: unknown): void
}

export const carriesRefreshCookie = (request: FastifyRequest): boolean => request.cookies[NAME] !== undefined

/** What somebody gets who comes in, or goes on, by whatever way. */
export const hasRefreshToken = (value: unknown): value is { refreshToken: string } =>
  typeof value === 'object' && value !== null && 'refreshToken' in value && typeof value.refreshToken === 'string'

export function createRefreshCookie(publicUrl: string | undefined): RefreshCookie {
  const attributes = (request: FastifyRequest) => cookieAttributes(request, publicUrl)
  const clear = (request: FastifyRequest, reply: FastifyReply): void =>
    void reply.clearCookie(NAME, attributes(request))

  return {
    fill(operation, request, input) {
      const token = request.cookies[NAME]
      if (token === undefined || !takenBy.has(operation) || input.refreshToken !== undefined) return input
      return { ...input, refreshToken: token }
    },
    follow(operation, request, reply, result) {
      if (clearedBy.has(operation)) clear(request, reply)
      else if (hasRefreshToken(result)) {
        reply.setCookie(NAME, result.refreshToken, { ...attributes(request), maxAge: MAX_AGE_SECONDS })
      }
    },
    followFailure(operation, request, reply, error) {
      const refused = error instanceof ChatError && error.status === 401
      if (refused && takenBy.has(operation) && carriesRefreshCookie(request)) clear(request, reply)
    },
  }
}
