import type { FastifyRequest } from 'fastify'
import { ChatError } from '../protocol/errors.ts'
import { carriesBrowserMark } from './browser-mark.ts'
import { carriesRefreshCookie } from './refresh-cookie.ts'

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether an `Origin` header is that of the public address, or of the host asked when there is none (system.md 12). */
export function isOwnOrigin(origin: string, host: string, publicUrl: string | undefined): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false
  if (publicUrl !== undefined) return url.origin === new URL(publicUrl).origin
  const asked = `${url.protocol}//${host}`
  return URL.canParse(asked) && new URL(asked).host === url.host
}

/**
 * Requests that change something and carry a cookie of ours must come from our own pages: SameSite=Strict keeps other sites
 * out, this keeps out other origins of the same site. An absent Origin is no browser's. Throws `forbidden`.
 */
export function checkOrigin(request: FastifyRequest, publicUrl: string | undefined): void {
  const { origin } = request.headers
  if (SAFE_METHODS.has(request.method) || origin === undefined) return
  if (!carriesRefreshCookie(request) && !carriesBrowserMark(request)) return
  if (isOwnOrigin(origin, request.host, publicUrl)) return
  throw new ChatError('forbidden', { publicMessage: 'Requests from this origin are not accepted.' })
}

/**
 * Where our pages are for who asks, such as `https://chat.example.org`: the public address, or the host asked by the same
 * rule. `undefined` when a page of somebody else asks.
 */
export function ownOriginOf(request: FastifyRequest, publicUrl: string | undefined): string | undefined {
  const { origin } = request.headers
  if (origin !== undefined && !isOwnOrigin(origin, request.host, publicUrl)) return undefined
  const own = publicUrl ?? origin ?? `${request.protocol}://${request.host}`
  return URL.canParse(own) ? new URL(own).origin : undefined
}
