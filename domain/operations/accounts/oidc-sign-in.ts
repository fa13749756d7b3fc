/** Sign-in with a provider ([OIDC1]-[OIDC6]): what happens between the browser's two visits and after them. */
import { randomBytes } from 'node:crypto'
import type { Journey, OidcClient, ProvenIdentity, Session } from '../../../auth-plugin/index.ts'
import { ChatError } from '../../../protocol/errors.ts'
import type { SignedIn } from '../../../protocol/http.ts'
import type { UserId } from '../../../protocol/ids.ts'
import type { Caller } from '../operation.ts'
import type { Visitor } from '../table.ts'
import type { AccountDeps } from './deps.ts'
import { displayNameFor, userNamesFor } from './oidc-user-name.ts'
import { openSession } from './open-session.ts'
import { proveAgain } from './second-factor-proof.ts'

/** How a visit at the provider ended. `errand`: to be carried by the browser. */
export type OidcOutcome =
  | { kind: 'signed-in'; signedIn: SignedIn; to: string }
  | { kind: 'linked' }
  /** An account has the same verified address: its owner signs in by other means, then calls `confirm`. */
  | { kind: 'offer'; errand: string }
  | { kind: 'refused'; error: ChatError; isLink: boolean }

export interface OidcSignIn {
  /**
   * `link`: whose account gets what comes back; else it is a sign-in. Throws `unavailable`; for a link also what
   * `proveAgain` throws, as whoever finds an open session must not get a way in of his own.
   */
  start(input: {
    redirectUri: string
    to: string
    device?: string
    link?: { caller: Caller; password?: string }
  }): Promise<{ url: string; errand: string }>
  /** `errand`: what the browser carries; `address`: where it came back to. */
  finish(input: { errand: string | undefined; address: URL }, caller: Visitor): Promise<OidcOutcome>
  /** Links what was offered with the account, which must be the one that it was offered for. */
  confirm(errand: string | undefined, session: Session): Promise<void>
}

const LOST = 'The sign-in took too long or began in another browser; try again.'

type Deps = Pick<AccountDeps, 'accounts' | 'admitStranger' | 'audit' | 'auth' | 'clock'>

export function createOidcSignIn(deps: Deps, client: OidcClient): OidcSignIn {
  const { accounts, audit, auth, clock } = deps
  const { oidcErrands: errands } = auth

  async function signIn(identity: ProvenIdentity, device: string | undefined, caller: Visitor): Promise<SignedIn> {
    const known = await accounts.identities.find(identity.issuer, identity.subject)
    const user = known && (await accounts.users.get(known.user))
    if (known === undefined || user === undefined) throw new ChatError('session_ended')
    const signedIn = await openSession(deps, user, caller, { device, with: 'provider' })
    await accounts.identities.used(known.id, clock.now())
    await auth.loginGuard.succeeded(user.id, caller)
    return signedIn
  }

  /** Takes the first of the names that is free. */
  async function makeAccount(identity: ProvenIdentity, caller: Visitor): Promise<void> {
    const pass = await deps.admitStranger(undefined, caller)
    await pass.use()
    const at = clock.now()
    for (const id of userNamesFor(identity)) {
      try {
        const user = { id, displayName: displayNameFor(identity, id), createdAt: at }
        await accounts.identities.createUser(user, toEntry(identity, at), identity.email)
        await audit.append({ at, action: 'registered', actor: id, details: { with: 'provider' } })
        return
      } catch (error) {
        const code = error instanceof ChatError ? error.code : undefined
        // Another tab was faster: the account is there.
        if (code === 'conflict') return
        if (code !== 'username_taken') throw error
      }
    }
    throw new ChatError('username_taken')
  }

  async function link(identity: ProvenIdentity, user: UserId): Promise<void> {
    const at = clock.now()
    if (await accounts.identities.link({ ...toEntry(identity, at), user })) {
      await audit.append({ at, action: 'identity-linked', actor: user })
      return
    }
    const known = await accounts.identities.find(identity.issuer, identity.subject)
    if (known?.user !== user) throw new ChatError('conflict')
  }

  async function arrive(journey: Journey, address: URL, caller: Visitor): Promise<OidcOutcome> {
    // What the provider was told, whatever way the request has come to us.
    const visited = new URL(journey.redirectUri)
    visited.search = address.search
    const identity = await client.finish(visited, journey.checks)
    if (journey.link !== undefined) {
      const session = await accounts.sessions.find(journey.link.sessionId)
      if (session === undefined || session.endedAt !== null) throw new ChatError('session_ended')
      await link(identity, journey.link.user)
      return { kind: 'linked' }
    }
    if ((await accounts.identities.find(identity.issuer, identity.subject)) === undefined) {
      const owner = identity.email === undefined ? undefined : await accounts.emails.ownerOf(identity.email)
      if (owner !== undefined) {
        return { kind: 'offer', errand: errands.seal({ kind: 'offer', identity, user: owner }, clock.now()) }
      }
      await makeAccount(identity, caller)
    }
    return { kind: 'signed-in', signedIn: await signIn(identity, journey.device, caller), to: journey.to }
  }

  return {
    async start({ redirectUri, to, device, link: by }) {
      if (by !== undefined) await proveAgain(deps, by.password, by.caller)
      const session = by?.caller.session
      const { url, checks } = await client.begin(redirectUri)
      const forLink = session && { user: session.user, sessionId: session.credential.id }
      const errand = errands.seal(
        {
          kind: 'journey',
          checks,
          redirectUri,
          to,
          ...(device !== undefined && { device }),
          ...(forLink !== undefined && { link: forLink }),
        },
        clock.now(),
      )
      return { url, errand }
    },

    async finish({ errand, address }, caller) {
      const journey = errand === undefined ? undefined : errands.open('journey', errand, clock.now())
      const isLink = journey?.link !== undefined
      try {
        if (journey === undefined) throw new ChatError('invalid_request', { publicMessage: LOST })
        return await arrive(journey, address, caller)
      } catch (error) {
        if (!(error instanceof ChatError)) throw error
        return { kind: 'refused', error, isLink }
      }
    },

    async confirm(errand, { user }) {
      const offer = errand === undefined ? undefined : errands.open('offer', errand, clock.now())
      if (offer === undefined) throw new ChatError('invalid_request', { publicMessage: LOST })
      // He may have given the address away meanwhile, or signed in as somebody else.
      const owner = offer.identity.email && (await accounts.emails.ownerOf(offer.identity.email))
      if (offer.user !== user || owner !== user) throw new ChatError('forbidden')
      await link(offer.identity, user)
    },
  }
}

const toEntry = (identity: ProvenIdentity, at: number) => ({
  id: randomBytes(12).toString('base64url'),
  issuer: identity.issuer,
  subject: identity.subject,
  name: identity.email ?? identity.username ?? identity.displayName ?? identity.subject,
  createdAt: at,
})
