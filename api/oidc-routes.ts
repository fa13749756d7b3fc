/** Sign-in with a provider ([OIDC1]-[OIDC5]): addresses that a browser visits, and so answers with another address. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OIDC_ERRAND_SECONDS, type Session } from '../auth-plugin/index.ts'
import type { OidcSignIn } from '../domain/index.ts'
import { ChatError } from '../protocol/errors.ts'
import type { OidcReturn } from '../protocol/http/identities.ts'
import { MAX_NAME_LENGTH } from '../protocol/limits.ts'
import type { Authenticator } from './authenticate-request.ts'
import type { BrowserMark } from './browser-mark.ts'
import { isOwnOrigin } from './check-origin.ts'
import { cookieAttributes } from './cookie-attributes.ts'
import type { RefreshCookie } from './refresh-cookie.ts'
import type { Throttle } from './throttle.ts'

type Deps = {
  oidc: OidcSignIn
  authenticate: Authenticator
  refreshCookie: RefreshCookie
  browserMark: BrowserMark
  throttle: Throttle
  publicUrl: string | undefined
}

const COOKIE = 'tidings_oidc'
const FOLDER = '/api/oidc'
const CALLBACK = `${FOLDER}/callback`
const SIGN_IN_PAGE = '/signin'
const SECURITY_PAGE = '/settings/security'

/** A page of the web client: a path of our own and nothing else. */
export function ownPath(to: unknown): string {
  const base = 'http://own.invalid'
  if (typeof to !== 'string' || !to.startsWith('/') || !URL.canParse(to, base)) return '/'
  const { origin, pathname } = new URL(to, base)
  return origin === base && !/^\/(api|mqtt)(\/|$)/.test(pathname) && !pathname.startsWith('//') ? pathname : '/'
}

export function mountOidc(app: FastifyInstance, deps: Deps): void {
  const { oidc, authenticate, refreshCookie, browserMark, throttle, publicUrl } = deps

  // Lax, as the browser comes back from another site; to these addresses alone.
  const attributes = (request: FastifyRequest) => ({
    ...cookieAttributes(request, publicUrl),
    sameSite: 'lax' as const,
    path: FOLDER,
  })
  const carry = (request: FastifyRequest, reply: FastifyReply, errand: string): void =>
    void reply.setCookie(COOKIE, errand, { ...attributes(request), maxAge: OIDC_ERRAND_SECONDS })
  const drop = (request: FastifyRequest, reply: FastifyReply): void =>
    void reply.clearCookie(COOKIE, attributes(request))
  const redirectUriOf = (request: FastifyRequest): string =>
    new URL(CALLBACK, publicUrl ?? `${request.protocol}://${request.host}`).href

  /** To a page of ours, which reads how it went. */
  const show = (reply: FastifyReply, page: string, how: OidcReturn | ChatError['code']): FastifyReply =>
    reply.redirect(`${page}?oidc=${how}`, 303)

  async function requireSession(request: FastifyRequest): Promise<Session> {
    const { origin } = request.headers
    if (origin !== undefined && !isOwnOrigin(origin, request.host, publicUrl)) throw new ChatError('forbidden')
    const session = await authenticate(request, 'session')
    if (session?.credential.kind !== 'session') throw new ChatError('out_of_scope')
    return session
  }

  app.get<{ Querystring: Record<string, unknown> }>(`${FOLDER}/start`, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    await throttle(request)
    const { to, device } = request.query
    const isName = typeof device === 'string' && device.trim() !== '' && device.length <= MAX_NAME_LENGTH
    try {
      const begun = await oidc.start({
        redirectUri: redirectUriOf(request),
        to: ownPath(to),
        ...(isName && { device }),
      })
      carry(request, reply, begun.errand)
      return reply.redirect(begun.url, 303)
    } catch (error) {
      if (!(error instanceof ChatError) || !request.headers.accept?.includes('text/html')) throw error
      logRefusal(request, error)
      return show(reply, SIGN_IN_PAGE, error.code)
    }
  })

  app.get(CALLBACK, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    await throttle(request)
    const errand = request.cookies[COOKIE]
    drop(request, reply)
    const browser = browserMark.of(request)
    const address = new URL(request.url, redirectUriOf(request))
    const outcome = await oidc.finish({ errand, address }, { address: request.ip, browser })
    if (outcome.kind === 'refused') {
      logRefusal(request, outcome.error)
      return show(reply, outcome.isLink ? SECURITY_PAGE : SIGN_IN_PAGE, outcome.error.code)
    }
    if (outcome.kind === 'linked') return show(reply, SECURITY_PAGE, 'linked')
    if (outcome.kind === 'offer') {
      carry(request, reply, outcome.errand)
      return show(reply, SIGN_IN_PAGE, 'confirm')
    }
    refreshCookie.follow('login', request, reply, outcome.signedIn)
    browserMark.give(request, reply, browser, outcome.signedIn)
    return show(reply, outcome.to, 'signed-in')
  })

  app.post(`${FOLDER}/link`, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const session = await requireSession(request)
    const { password } = (request.body ?? {}) as { password?: unknown }
    const begun = await oidc.start({
      redirectUri: redirectUriOf(request),
      to: SECURITY_PAGE,
      link: {
        caller: { session, address: request.ip, browser: browserMark.of(request) },
        ...(typeof password === 'string' && { password }),
      },
    })
    carry(request, reply, begun.errand)
    return { url: begun.url }
  })

  app.post(`${FOLDER}/confirm`, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const session = await requireSession(request)
    const errand = request.cookies[COOKIE]
    await oidc.confirm(errand, session)
    drop(request, reply)
    return reply.code(204).send()
  })
}

/** Why, for whoever set the provider up: names and codes of errors, which hold nothing of the person. */
function logRefusal(request: FastifyRequest, error: ChatError): void {
  const { cause } = error
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : undefined
  request.log.warn({ code: error.code, reason }, 'no sign-in with the provider')
}
