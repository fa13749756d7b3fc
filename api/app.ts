import cookies from '@fastify/cookie'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { createAuthenticator } from './authenticate-request.ts'
import { createBrowserMark } from './browser-mark.ts'
import { compressText } from './compress-reply.ts'
import { mountDocs } from './docs/mount-docs.ts'
import { answerClientError, replyError } from './error-reply.ts'
import { readJsonBodies } from './json-body.ts'
import { measureRequests } from './measure-requests.ts'
import { mountAvatars } from './mount-avatars.ts'
import { mountHealth } from './mount-health.ts'
import { mountOperations } from './mount-operations.ts'
import { mountOidc } from './oidc-routes.ts'
import { mountPersonalData } from './personal-data-routes.ts'
import type { ApiDeps } from './ports.ts'
import { createRefreshCookie } from './refresh-cookie.ts'
import { addRequestIds, newRequestId } from './request-id.ts'
import { addSecurityHeaders } from './security-headers.ts'
import { createThrottle } from './throttle.ts'
import { serveWebClient } from './web-client-files.ts'

const BODY_LIMIT = 65_536
/** A connection that has not said what it wants by then is closed; WebSockets have left Node's parser and are not meant. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
const TIMEOUT_CHECK_MS = 2_000

/**
 * The HTTP door (system.md 5): operations, OpenAPI, health, metrics, keys and the web client. Does not listen; its
 * `server` is free for an `upgrade` listener. `close()` ends idle and busy HTTP connections at once, so upgraded
 * sockets are to be closed by their owner before. Rejects when two operations have the same route.
 */
export async function buildApp(deps: ApiDeps): Promise<FastifyInstance> {
  const app: FastifyInstance = fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: newRequestId,
    trustProxy: deps.trustProxy,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: TIMEOUT_CHECK_MS },
    forceCloseConnections: true,
    frameworkErrors: (error, request, reply) =>
      void replyError(error, request as FastifyRequest, reply as FastifyReply),
    clientErrorHandler: answerClientError,
  })
  addRequestIds(app)
  app.setErrorHandler(replyError)
  readJsonBodies(app)
  measureRequests(app, deps.metrics)
  await app.register(cookies)
  await addSecurityHeaders(app, deps.publicUrl)
  compressText(app)
  const throttle = await createThrottle(app, deps.limits.anonymousPerMinute)
  mountHealth(app, deps)
  const door = {
    authenticate: createAuthenticator(deps.verify, throttle),
    refreshCookie: createRefreshCookie(deps.publicUrl),
    browserMark: createBrowserMark(deps.publicUrl),
    publicUrl: deps.publicUrl,
  }
  mountOperations(app, { ...door, operations: deps.operations })
  if (deps.oidc !== undefined) mountOidc(app, { ...door, oidc: deps.oidc, throttle })
  if (deps.avatar !== undefined) mountAvatars(app, deps.avatar)
  if (deps.openExport !== undefined) mountPersonalData(app, deps.openExport, throttle)
  await serveWebClient(app, deps.webRoot)
  mountDocs(app, deps.operations.all())
  await app.ready()
  return app
}
