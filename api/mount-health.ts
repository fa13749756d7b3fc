import type { FastifyInstance } from 'fastify'
import { ChatError, errorBody } from '../protocol/errors.ts'
import type { ApiDeps } from './ports.ts'

const KEYS_CACHE_SECONDS = 300

/** `/health/live` (the process answers), `/health/ready` (503 while it cannot serve), `/metrics`, the public keys. */
export function mountHealth(app: FastifyInstance, { ready, metrics, jwks, log }: ApiDeps): void {
  const isReady = async (): Promise<boolean> => {
    try {
      return await ready()
    } catch (error) {
      log.warn({ reason: error instanceof Error ? error.stack : String(error) }, 'readiness could not be checked')
      return false
    }
  }

  app.get('/health/live', async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }))
  app.get('/health/ready', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
    if (await isReady()) return { status: 'ready' }
    return reply.code(503).send({ error: errorBody(new ChatError('unavailable')) })
  })
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
  app.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('cache-control', `public, max-age=${KEYS_CACHE_SECONDS}`).send(await jwks()),
  )
}
