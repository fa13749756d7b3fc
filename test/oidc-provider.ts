/** A real OpenID provider in the process of a test, on a site of its own: `localhost`, where the product is 127.0.0.1. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import Provider, { type Configuration } from 'oidc-provider'

/** What the provider says of somebody, beside the subject. */
export type Claims = { email?: string; email_verified?: boolean; preferred_username?: string; name?: string }

export type TestProvider = {
  issuer: string
  /** For the product's environment. */
  environment: Record<string, string>
  /** By subject: who exists there. */
  people: Map<string, Claims>
  /** No answer to anything, as of now or not any more. */
  away: boolean
  /** Passes the provider's own pages as somebody; answers the address that the browser is sent back to. */
  signIn(url: string, subject: string): Promise<string>
  close(): Promise<void>
}

export async function startProvider(productUrl: string): Promise<TestProvider> {
  const http = createServer().listen(0)
  await once(http, 'listening')
  const issuer = `http://localhost:${(http.address() as AddressInfo).port}`
  const people = new Map<string, Claims>()
  const environment = {
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: 'tidings',
    OIDC_CLIENT_SECRET: 'a secret between the two',
    OIDC_NAME: 'Harbour ID',
  }
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const configuration: Configuration = {
    clients: [
      {
        client_id: environment.OIDC_CLIENT_ID,
        client_secret: environment.OIDC_CLIENT_SECRET,
        redirect_uris: [`${productUrl}/api/oidc/callback`],
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'one' }] },
    cookies: { keys: ['of the test'] },
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    findAccount: (_context, subject) => {
      const claims = people.get(subject)
      return claims && { accountId: subject, claims: () => ({ sub: subject, ...claims }) }
    },
    // Nobody is asked whether he agrees.
    async loadExistingGrant({ oidc }) {
      const { client, session } = oidc
      if (client === undefined || session?.accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid profile email')
      await grant.save()
      return grant
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/come-in/${uid}` },
    pkce: { required: () => true },
  }
  const provider = new Provider(issuer, configuration)
  const answer = provider.callback()

  http.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (state.away) request.socket.destroy()
    else if (!request.url?.startsWith('/come-in/')) void answer(request, response)
    else if (request.method === 'GET') response.setHeader('content-type', 'text/html').end(FORM)
    else void comeIn(request, response)
  })

  async function comeIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString()
    const accountId = new URLSearchParams(body).get('subject') ?? ''
    const result = accountId === '' ? { error: 'access_denied' } : { login: { accountId } }
    await provider.interactionFinished(request, response, result)
  }

  const state: TestProvider = {
    issuer,
    environment,
    people,
    away: false,
    async signIn(url, subject) {
      const jar = new Map<string, string>()
      let next = url
      let form: string | undefined
      for (;;) {
        const reply = await fetch(next, {
          redirect: 'manual',
          headers: {
            cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
            ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
          },
          ...(form !== undefined && { method: 'POST', body: form }),
        })
        for (const cookie of reply.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
          jar.set(name, value)
        }
        const location = reply.headers.get('location')
        if (location === null && form !== undefined) throw new Error(`${reply.status} ${await reply.text()}`)
        form = location === null ? new URLSearchParams({ subject }).toString() : undefined
        if (location === null) continue
        next = new URL(location, next).href
        if (!next.startsWith(issuer)) return next
      }
    },
    async close() {
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }
  return state
}

const FORM = `<!doctype html><html lang="en"><title>Harbour ID</title>
<form method="post"><label>Subject <input name="subject"></label><button>Come in</button></form>`
