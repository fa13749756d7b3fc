import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { ChatError } from '../protocol/errors.ts'

const invalidBody = (publicMessage: string): ChatError => new ChatError('invalid_request', { publicMessage })

/**
 * JSON objects are the only bodies: every other type is refused with 415, ill-formed UTF-8, `__proto__` keys and bare
 * values with `invalid_request`. An empty body counts as none, as `fetch` wrappers send the type with every POST.
 */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined)
    if (!isUtf8(body)) return done(invalidBody('The body is not valid UTF-8.'))
    parse(request, body.toString('utf8'), (error, value: unknown) => {
      if (error) return done(invalidBody('The body is not valid JSON.'))
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        return done(invalidBody('The body must be a JSON object.'))
      }
      done(null, value)
    })
  })
}
