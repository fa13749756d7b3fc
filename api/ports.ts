import type { FastifyBaseLogger } from 'fastify'
import type { Registry } from 'prom-client'
import type { Session } from '../auth-plugin/index.ts'
import type { OidcSignIn, OpenExport, OperationTable } from '../domain/index.ts'

/** What the HTTP door needs. It reads no environment and does not listen: `main.ts` does both. */
export type ApiDeps = {
  /** pino fits. Gets fixed phrases, never message text, tokens or addresses. */
  log: FastifyBaseLogger
  operations: Pick<OperationTable, 'all' | 'run'>
  /** Who a Bearer credential is: an access token or an app token. Throws `invalid_token`, `token_expired`, `session_ended`. */
  verify(credential: string): Promise<Session>
  /** What a ticket for one's own data stands for; absent where this door serves no operations. */
  openExport?: OpenExport
  /** Sign-in with a provider; absent where there is none, or this door serves no operations. */
  oidc?: OidcSignIn
  /** The public signing keys, as they go out at `/.well-known/jwks.json`. */
  jwks(): Promise<object>
  /** The picture of an id; absent where this door serves no operations. */
  avatar?(id: string): Promise<{ type: string; body: Buffer } | undefined>
  /** Whether requests can be served now. A rejection counts as no. */
  ready(): Promise<boolean>
  /** Gets the metrics of this door and is shown at `/metrics`. One door per registry. */
  metrics: Registry
  /** Absolute folder of the built web client, with an `index.html`. Absent: `/` answers 404. */
  webRoot?: string
  /** Where people reach the server, such as `https://chat.example.org`: decides `Origin`, Secure cookies and HSTS. */
  publicUrl?: string
  /** Whose `X-Forwarded-...` headers count: all (true), none (false), or a list of addresses and subnets. */
  trustProxy: boolean | string
  limits: {
    /** Requests per minute and address that carry no valid credential; 0 = no limit. */
    anonymousPerMinute: number
  }
}
