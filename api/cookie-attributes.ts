import type { FastifyRequest } from 'fastify'

/** Out of reach of scripts, of other sites, and of the wire where people come by https ([HTTP3]). */
export const cookieAttributes = (request: FastifyRequest, publicUrl: string | undefined) => ({
  httpOnly: true,
  sameSite: 'strict' as const,
  path: '/api',
  secure: request.protocol === 'https' || (publicUrl !== undefined && new URL(publicUrl).protocol === 'https:'),
})
