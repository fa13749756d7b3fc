/** A provider of sign-ins, spoken to with OpenID Connect: authorization code, PKCE, state and nonce ([OIDC1]). */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientError,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import { ChatError } from '../protocol/errors.ts'

export type OidcOptions = {
  /** Such as `https://id.example`; http is spoken with this machine alone. */
  issuer: string
  clientId: string
  clientSecret: string
}

/** What only the browser that began may come back with. */
export type OidcChecks = { state: string; nonce: string; verifier: string }

/** Somebody as the provider knows him. `email`: only where the provider says that it has verified it. */
export type ProvenIdentity = {
  issuer: string
  subject: string
  email?: string
  /** How he would like to be called, for making a user name and a display name of it. */
  username?: string
  displayName?: string
}

/** Everything throws `unavailable` when the provider does not answer as it should. */
export interface OidcClient {
  /** `url`: where the browser is sent; `redirectUri`: where it comes back. */
  begin(redirectUri: string): Promise<{ url: string; checks: OidcChecks }>
  /** `address`: the whole address that the browser came back to. Throws `invalid_request` where that proves nothing. */
  finish(address: URL, checks: OidcChecks): Promise<ProvenIdentity>
}

const SCOPE = 'openid profile email'
const TIMEOUT_SECONDS = 5
const LONGEST = 255

/** Asks nothing before the first `begin`; a provider that is away is asked again at the next one. */
export function createOidcClient({ issuer, clientId, clientSecret }: OidcOptions): OidcClient {
  const server = new URL(issuer)
  let known: Promise<Configuration> | undefined

  async function discover(): Promise<Configuration> {
    const insecure = server.protocol === 'http:' ? [allowInsecureRequests] : []
    const config = await discovery(server, clientId, clientSecret, undefined, {
      execute: [...insecure, enableNonRepudiationChecks],
      timeout: TIMEOUT_SECONDS,
    })
    config.timeout = TIMEOUT_SECONDS
    return config
  }

  function configuration(): Promise<Configuration> {
    known ??= discover().catch((cause: unknown) => {
      known = undefined
      throw new ChatError('unavailable', { publicMessage: 'The sign-in provider does not answer.', cause })
    })
    return known
  }

  return {
    async begin(redirectUri) {
      const config = await configuration()
      const checks = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
      const url = buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: SCOPE,
        state: checks.state,
        nonce: checks.nonce,
        code_challenge: await calculatePKCECodeChallenge(checks.verifier),
        code_challenge_method: 'S256',
      })
      return { url: url.href, checks }
    },

    async finish(address, { state, nonce, verifier }) {
      const config = await configuration()
      try {
        const tokens = await authorizationCodeGrant(config, address, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        })
        const claims = tokens.claims()
        if (claims === undefined) throw new ChatError('invalid_request')
        const hasMore = config.serverMetadata().userinfo_endpoint !== undefined
        const more = hasMore ? await fetchUserInfo(config, tokens.access_token, claims.sub) : {}
        return readIdentity(claims.iss, claims.sub, { ...claims, ...more })
      } catch (cause) {
        if (cause instanceof ChatError) throw cause
        throw new ChatError(isRefusal(cause) ? 'invalid_request' : 'unavailable', {
          publicMessage: 'The sign-in provider did not confirm who you are.',
          cause,
        })
      }
    },
  }
}

/** A no, or an answer that proves nothing; what is left is a provider that cannot be reached. */
function isRefusal(cause: unknown): boolean {
  if (cause instanceof ResponseBodyError) return cause.status < 500
  if (cause instanceof ClientError)
    return cause.code !== 'OAUTH_TIMEOUT' && cause.code !== 'OAUTH_RESPONSE_IS_NOT_CONFORM'
  return cause instanceof Error && cause.name === 'AuthorizationResponseError'
}

function readIdentity(issuer: string, subject: string, claims: Readonly<Record<string, unknown>>): ProvenIdentity {
  const { email, email_verified, preferred_username, name } = claims
  return {
    issuer,
    subject,
    ...(isLine(email) && email_verified === true && { email }),
    ...(isLine(preferred_username) && { username: preferred_username }),
    ...(isLine(name) && { displayName: name }),
  }
}

const isLine = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST
