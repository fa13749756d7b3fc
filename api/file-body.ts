import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ChatError } from '../protocol/errors.ts'

/** In this scope bodies are files of these types and nothing else: `invalid_image` (415) for every other type. */
export function readFileBodies(scope: FastifyInstance, types: readonly string[]): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser([...types], { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  scope.addContentTypeParser('*', (_request, _body, done) => done(new ChatError('invalid_image')))
}

/** The file as input of its operation, under the name of its type without parameters. */
export function fileInput({ headers, body }: FastifyRequest): { contentType: string; body: unknown } {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  return { contentType: type.trim().toLowerCase(), body }
}
