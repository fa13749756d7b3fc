import { existsSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import staticFiles from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { replyNotFound } from './error-reply.ts'

/** Addresses that are never a page of the web client. */
const NOT_PAGES = /^\/(api|health|metrics|mqtt|\.well-known|assets)(\/|\?|$)/

const isPageRequest = (request: FastifyRequest): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') &&
  (request.headers.accept ?? '').includes('text/html') &&
  !NOT_PAGES.test(request.url)

/**
 * The built web client at `/`: files of the build with their `.br` and `.gz`, `index.html` for every other address
 * that a browser opens as a page, 404 `not_found` for the rest. Files under `assets/` carry a hash and are kept for
 * ever; everything else, the service worker included, is asked for again (answered 304 while unchanged).
 * Also decorates replies with `sendFile`, with or without a web client.
 */
export async function serveWebClient(app: FastifyInstance, webRoot: string | undefined): Promise<void> {
  const built = webRoot !== undefined && existsSync(join(webRoot, 'index.html'))
  if (webRoot !== undefined && !built) app.log.warn('the web client is not built: its pages are not served')
  app.setNotFoundHandler((request, reply) =>
    built && isPageRequest(request) ? reply.sendFile('index.html') : replyNotFound(reply),
  )
  if (!built) {
    await app.register(staticFiles, { serve: false })
    return
  }
  await app.register(staticFiles, {
    serve: true,
    root: webRoot,
    preCompressed: true,
    dotfiles: 'ignore',
    cacheControl: false,
    allowedPath: (path) => !NOT_PAGES.test(path) || path.startsWith('/assets/'),
    setHeaders: (reply, path) => setCaching(reply, relative(webRoot, path)),
  })
}

function setCaching(reply: FastifyReply, file: string): void {
  const hashed = file.startsWith(`assets${sep}`)
  reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
}
