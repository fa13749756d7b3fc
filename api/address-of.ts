import type { IncomingMessage } from 'node:http'
import proxyAddress from '@fastify/proxy-addr'

/** Whose address counts, for upgrade requests that Fastify does not see. The same rule as Fastify's `trustProxy`. */
export function createAddressOf(trustProxy: boolean | string): (request: IncomingMessage) => string {
  if (trustProxy === false) return (request) => request.socket.remoteAddress ?? ''
  const trust =
    trustProxy === true ? () => true : proxyAddress.compile((trustProxy as string).split(',').map((one) => one.trim()))
  return (request) => proxyAddress(request, trust) || (request.socket.remoteAddress ?? '')
}
