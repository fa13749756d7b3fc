import type { FastifyRequest } from 'fastify'
import type { Session } from '../auth-plugin/index.ts'
import type { Operation } from '../domain/index.ts'
import { ChatError } from '../protocol/errors.ts'
import type { Throttle } from './throttle.ts'

/** Who asks for an operation; `undefined` where nobody needs to be signed in and nobody validly is. */
export type Authenticator = (request: FastifyRequest, access: Operation['access']) => Promise<Session | undefined>

const BEARER = /^bearer +([\x21-\x7e]+) *$/i

/** The Bearer credential of a request. Throws `unauthorized` for any other scheme. */
function readCredential(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  const credential = BEARER.exec(header)?.[1]
  if (credential === undefined) throw new ChatError('unauthorized', { publicMessage: 'Use a Bearer token.' })
  return credential
}

const isRefusal = (error: unknown): boolean => error instanceof ChatError && error.status === 401

/**
 * Takes access tokens and app tokens as `Authorization: Bearer`. Where a sign-in is needed, throws the 401 of `verify`
 * or `unauthorized`; where none is, a stale token is no obstacle, as it is what a refresh wants to replace.
 * Whether the session may do the thing is the operation table's question.
 */
export function createAuthenticator(
  verify: (credential: string) => Promise<Session>,
  throttle: Throttle,
): Authenticator {
  const identify = async (request: FastifyRequest): Promise<Session> => {
    const credential = readCredential(request)
    if (credential === undefined) throw new ChatError('unauthorized')
    return verify(credential)
  }
  return async (request, access) => {
    if (access === 'nobody') await throttle(request)
    try {
      return await identify(request)
    } catch (error) {
      if (!isRefusal(error)) throw error
      if (access === 'nobody') return undefined
      await throttle(request)
      throw error
    }
  }
}
