import type { FastifyInstance } from 'fastify'
import { replyNotFound } from './error-reply.ts'
import type { ApiDeps } from './ports.ts'

const ID = /^[A-Za-z0-9_-]{22}$/

/**
 * `/api/avatars/{id}`: whoever knows the address may see the picture, as an `<img>` brings no credentials. It never
 * changes under its address. Opened by itself it is a picture and nothing that could run ([PEO2]).
 */
export function mountAvatars(app: FastifyInstance, avatar: NonNullable<ApiDeps['avatar']>): void {
  app.get<{ Params: { id: string } }>('/api/avatars/:id', async (request, reply) => {
    const { id } = request.params
    const found = ID.test(id) ? await avatar(id) : undefined
    if (found === undefined) return replyNotFound(reply)
    return reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .header('content-security-policy', "default-src 'none'")
      .header('x-content-type-options', 'nosniff')
      .header('content-disposition', 'inline')
      .type(found.type)
      .send(found.body)
  })
}
