import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

const self = ["'self'"]
const none = ["'none'"]

/** web-client.md A9. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: self,
    scriptSrc: self,
    styleSrc: self,
    imgSrc: [...self, 'blob:', 'data:'],
    connectSrc: [...self, 'wss:'],
    objectSrc: none,
    baseUri: none,
    frameAncestors: none,
    requireTrustedTypesFor: ["'script'"],
  },
}

/** The pages of Swagger UI alone: it writes markup and style attributes that A9 forbids. */
export const docsHelmet = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: self,
      scriptSrc: self,
      styleSrc: [...self, "'unsafe-inline'"],
      imgSrc: [...self, 'data:'],
      objectSrc: none,
      baseUri: none,
      frameAncestors: none,
    },
  },
}

/** Security headers on every reply. HSTS only where people come by https, or a trial on localhost would lock them out. */
export async function addSecurityHeaders(app: FastifyInstance, publicUrl: string | undefined): Promise<void> {
  const https = publicUrl !== undefined && new URL(publicUrl).protocol === 'https:'
  await app.register(helmet, {
    contentSecurityPolicy,
    strictTransportSecurity: https ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    // `no-referrer` would turn the Origin of some same-origin requests into null.
    referrerPolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
  })
}
