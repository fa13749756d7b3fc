import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

/** Ids are made here and never taken from the client: they are what people quote when they ask about a failure. */
export const newRequestId = (): string => randomUUID()

/** Puts the id of the request, the one in the log, on every reply as `x-request-id`. */
export function addRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
}
