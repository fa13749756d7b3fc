import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Session } from '../auth-plugin/index.ts'
import type { Operation } from '../domain/index.ts'
import type { Authenticator } from './authenticate-request.ts'
import type { BrowserMark } from './browser-mark.ts'
import { checkOrigin, ownOriginOf } from './check-origin.ts'
import { fileInput, readFileBodies } from './file-body.ts'
import type { ApiDeps } from './ports.ts'
import type { RefreshCookie } from './refresh-cookie.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The operation behind a route, for logs and metrics. */
    operation?: string
  }
  interface FastifyRequest {
    session: Session | undefined
  }
}

type Fields = Record<string, unknown>
type Deps = {
  operations: ApiDeps['operations']
  authenticate: Authenticator
  refreshCookie: RefreshCookie
  browserMark: BrowserMark
  publicUrl: string | undefined
}

const asFields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {})

/** One input of query, body and path, the path last: nobody can name another room in the body than in the address. */
export function mergeInput(request: Pick<FastifyRequest, 'query' | 'body' | 'params'>, rename: Fields = {}): Fields {
  const body: Fields = {}
  for (const [name, value] of Object.entries(asFields(request.body))) body[String(rename[name] ?? name)] = value
  return { ...asFields(request.query), ...body, ...asFields(request.params) }
}

/**
 * A route for every operation of the table (system.md 4 and 5). Credentials are checked before the body is read;
 * input is validated by the table's `run`, once for every door.
 */
export function mountOperations(app: FastifyInstance, deps: Deps): void {
  app.decorateRequest('session', undefined)
  for (const operation of deps.operations.all()) {
    const file = operation.http.body
    if (file === undefined) mountOperation(app, operation, deps)
    else {
      app.register(async (scope) => {
        readFileBodies(scope, file.types)
        mountOperation(scope, operation, deps)
      })
    }
  }
}

function mountOperation(app: FastifyInstance, operation: Operation, deps: Deps): void {
  const { name, access, http } = operation
  const { operations, authenticate, refreshCookie, browserMark, publicUrl } = deps
  app.route({
    method: http.method,
    url: http.path,
    config: { operation: name },
    ...(http.body !== undefined && { bodyLimit: http.body.maxBytes }),
    onRequest: async (request, reply) => {
      reply.header('cache-control', 'no-store')
      checkOrigin(request, publicUrl)
      request.session = await authenticate(request, access)
    },
    handler: async (request, reply) => {
      const merged = http.body === undefined ? mergeInput(request, http.rename) : fileInput(request)
      const input = refreshCookie.fill(name, request, merged)
      const origin = ownOriginOf(request, publicUrl)
      const browser = browserMark.of(request)
      const caller = { session: request.session, address: request.ip, browser, ...(origin !== undefined && { origin }) }
      try {
        const result = await operations.run(operation, input, caller)
        refreshCookie.follow(name, request, reply, result)
        browserMark.give(request, reply, browser, result)
        reply.code(http.status ?? 200)
        return http.status === 204 ? reply.send() : (result ?? {})
      } catch (error) {
        refreshCookie.followFailure(name, request, reply, error)
        throw error
      }
    },
  })
}
