import { type ReadonlySignal, signal } from '@preact/signals'
import { type ErrorCode, isErrorCode } from '../../../protocol/errors.ts'
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
  /**
   * Goes to the provider, to come back with somebody whom my account is linked with. Rejects with ChatError.
   * `password`: where the server asked for it once more (`needsPassword`).
   */
  link(password?: string): Promise<void>
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
    async link(password) {
      const given = password === undefined ? {} : { password }
      const { url } = await door.session.call<{ url: string }>('POST', '/oidc/link', given)
      visit.leave(url)
    },
  }
}

function readOutcome(text: string | undefined): ProviderOutcome | undefined {
  if (text === undefined || text === 'signed-in') return undefined
  return text === 'confirm' || text === 'linked' || isErrorCode(text) ? text : 'internal'
}
