import { type ReadonlySignal, signal } from '@preact/signals'
import { type ErrorCode, errorCatalogue, isErrorCode } from '../../../protocol/errors.ts'
import type { OidcReturn } from '../../../protocol/http/identities.ts'
import type { Door } from '../../sdk/door.ts'
import { failureCode } from './failure.ts'
import type { Navigation } from './navigation.ts'

/** The browser's side: how a visit at the provider ended, told in the address; and the way there. */
export type ProviderVisit = { outcome: string | undefined; leave(address: string): void }

/** How it went, as far as it is to be said; the rest speaks for itself. */
export type ProviderOutcome = Exclude<OidcReturn, 'signed-in'> | ErrorCode

/** Sign-in with a provider: the browser goes there and comes back. */
export interface Provider {
  readonly outcome: ReadonlySignal<ProviderOutcome | undefined>
  /** Where a link to the provider leads; afterwards the present page is shown. */
  startAddress(): string
  /** To be called once the session has started: comes in with what the visit has left in the browser. */
  arrive(): Promise<void>
  /** Goes to the provider, to come back with somebody whom my account is linked with. Rejects with ChatError. */
  link(): Promise<void>
}

type Deps = { door: Door; visit: ProviderVisit; navigation: Navigation; path(): string; deviceName: string }

export function createProvider({ door, visit, navigation, path, deviceName }: Deps): Provider {
  const outcome = signal(readOutcome(visit.outcome))

  /** Whoever signs in now is the owner of the account that the provider's visitor seems to be. */
  function confirmAtSignIn(): void {
    const stop = door.session.subscribe(() => {
      if (door.session.state().kind !== 'signed-in') return
      stop()
      door.session
        .call('POST', '/oidc/confirm', {})
        .then(
          () => 'linked' as const,
          (error: unknown) => failureCode(error),
        )
        .then((how) => {
          outcome.value = how
          navigation.redirect('/settings/security')
        })
    })
  }

  return {
    outcome,
    startAddress() {
      const here = path()
      const to = here === '/signin' || here === '/signup' ? '/' : here
      return `/api/oidc/start?${new URLSearchParams({ to, device: deviceName })}`
    },
    async arrive() {
      if (visit.outcome === 'confirm') confirmAtSignIn()
      if (visit.outcome !== 'signed-in') return
      await door.session.enter('/refresh', {}).catch((error: unknown) => {
        outcome.value = failureCode(error)
      })
    },
    async link() {
      const { url } = await door.session.call<{ url: string }>('POST', '/oidc/link', {})
      visit.leave(url)
    },
  }
}

function readOutcome(text: string | undefined): ProviderOutcome | undefined {
  if (text === undefined || text === 'signed-in') return undefined
  return text === 'confirm' || text === 'linked' || isErrorCode(text) ? text : 'internal'
}

/** In one line for people. `name`: of the provider. */
export function outcomeText(outcome: ProviderOutcome, name: string): string {
  switch (outcome) {
    case 'confirm':
      return `An account here has your e-mail address. Sign in to it once, and it will be linked with ${name}.`
    case 'linked':
      return `You can sign in with ${name} from now on.`
    case 'invalid_request':
      return `The sign-in with ${name} did not come about. Try again.`
    case 'unavailable':
      return `${name} does not answer. Try again later.`
    case 'registration_closed':
      return `There is no account here that is linked with yours at ${name}, and this server makes none.`
    case 'conflict':
      return `That sign-in with ${name} belongs to another account here.`
    case 'forbidden':
      return `That sign-in with ${name} is not yours: its e-mail address belongs to another account.`
    default:
      return errorCatalogue[outcome].message
  }
}
