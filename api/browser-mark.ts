import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { cookieAttributes } from './cookie-attributes.ts'
import { hasRefreshToken } from './refresh-cookie.ts'

const NAME = 'tidings_browser'
/** Browsers keep no cookie longer. */
const MAX_AGE_SECONDS = 400 * 24 * 3_600
const FORM = /^[\w-]{32}$/

/**
 * A random mark by which a browser is known again, so that its owner is let in while others guess his password
 * ([LIM2]). It proves nothing: it only lifts a limit. It says nothing of its owner, is out of reach of scripts, and is set
 * at a sign-in only.
 */
export interface BrowserMark {
  /** The mark that came with a request; a new one that no browser has yet when there was none. */
  of(request: FastifyRequest): string
  /** Gives the browser its mark after somebody has signed in there. */
  give(request: FastifyRequest, reply: FastifyReply, mark: string, result: unknown): void
}

export const carriesBrowserMark = (request: FastifyRequest): boolean => request.cookies[NAME] !== undefined

export function createBrowserMark(publicUrl: string | undefined): BrowserMark {
  return {
    of(request) {
      const mark = request.cookies[NAME]
      return mark !== undefined && FORM.test(mark) ? mark : randomBytes(24).toString('base64url')
    },
    give(request, reply, mark, result) {
      if (!hasRefreshToken(result)) return
      reply.setCookie(NAME, mark, { ...cookieAttributes(request, publicUrl), maxAge: MAX_AGE_SECONDS })
    },
  }
}
