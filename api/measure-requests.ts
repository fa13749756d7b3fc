import type { FastifyInstance } from 'fastify'
import { Histogram, type Registry } from 'prom-client'

/** Time and number of requests by operation (`other`: pages, health, what does not exist) and status. */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const seconds = new Histogram({
    name: 'tidings_http_request_seconds',
    help: 'Duration of HTTP requests by operation and status',
    labelNames: ['operation', 'status'] as const,
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5],
    registers: [registry],
  })
  app.addHook('onResponse', async (request, reply) => {
    const operation = request.routeOptions.config.operation ?? 'other'
    const status = reply.statusCode
    seconds.observe({ operation, status }, reply.elapsedTime / 1000)
    request.log.debug({ operation, status, ms: Math.round(reply.elapsedTime) }, 'request answered')
  })
}
