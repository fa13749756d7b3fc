import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

const self = ["'self'"]
const none = ["'none'"]

/**
 * [WEB3]: code and style of our own files alone, no inline script or style, no plugin, no frame, and no text that becomes
 * code or markup: there is no Trusted Types policy, and none can be made.
 */
const contentSecurityPolicy = (publicUrl: string | undefined) => ({
  useDefaults: false,
  directives: {
    defaultSrc: self,
    scriptSrc: self,
    styleSrc: self,
    imgSrc: [...self, 'blob:', 'data:'],
    // The same host over WebSocket too (CSP 3); said once more, where it is known, for browsers that take it narrower.
    connectSrc: [...self, ...(publicUrl === undefined ? [] : [new URL(publicUrl).origin.replace(/^http/, 'ws')])],
    objectSrc: none,
    frameSrc: none,
    baseUri: none,
    formAction: self,
    frameAncestors: none,
    requireTrustedTypesFor: ["'script'"],
    trustedTypes: none,
  },
})

/** What no page of ours ever asks the browser for; passkeys and the clipboard are not among it. */
const UNUSED_FEATURES = [
  'accelerometer',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
]
const permissionsPolicy = UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', ')

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
      frameSrc: none,
      baseUri: none,
      formAction: none,
      frameAncestors: none,
    },
  },
}

/** Security headers on every reply. HSTS only where people come by https, or a trial on localhost would lock them out. */
export async function addSecurityHeaders(app: FastifyInstance, publicUrl: string | undefined): Promise<void> {
  const https = publicUrl !== undefined && new URL(publicUrl).protocol === 'https:'
  await app.register(helmet, {
    contentSecurityPolicy: contentSecurityPolicy(publicUrl),
    strictTransportSecurity: https ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    // `no-referrer` would turn the Origin of some same-origin requests into null.
    referrerPolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
  })
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', permissionsPolicy)
  })
}
