import { PassThrough } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { OpenExport } from '../domain/index.ts'
import { ChatError } from '../protocol/errors.ts'
import type { Throttle } from './throttle.ts'

/**
 * The file that a ticket is good for ([PD2]). A browser downloads it by itself, so nothing but the ticket says who asks;
 * it is good once. What goes wrong after the first byte breaks the download off.
 */
export function mountPersonalData(app: FastifyInstance, openExport: OpenExport, throttle: Throttle): void {
  // A look at the headers alone would spend the ticket.
  const options = { exposeHeadRoute: false }
  app.get<{ Params: { ticket: string } }>('/api/me/export/:ticket', options, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    await throttle(request)
    const opened = await openExport(request.params.ticket)
    if (opened === undefined) throw new ChatError('invalid_link')
    const day = new Date(opened.at).toISOString().slice(0, 10)
    const body = new PassThrough()
    opened
      .write(body)
      .catch((error: unknown) => request.log.warn({ err: error }, 'an export was not written to its end'))
    return reply
      .type('application/zip')
      .header('content-disposition', `attachment; filename="tidings-${opened.user}-${day}.zip"`)
      .send(body)
  })
}
