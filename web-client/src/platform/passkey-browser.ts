import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser'
import { ChatError } from '../../../protocol/errors.ts'

/** Loaded when somebody uses a passkey. */
const load = () => import('@simplewebauthn/browser')
const isAddress = (host: string): boolean => /^[\d.]+$|:/.test(host)

/** Passkeys belong to a host with a name, and to pages that nobody could have changed on their way. */
export function createPasskeyBrowser(window: Window & typeof globalThis) {
  return {
    available: window.isSecureContext && 'PublicKeyCredential' in window && !isAddress(window.location.hostname),
    create: (options: unknown) =>
      load()
        .then(({ startRegistration }) =>
          startRegistration({ optionsJSON: options as PublicKeyCredentialCreationOptionsJSON }),
        )
        .catch(translate),
    sign: (options: unknown) =>
      load()
        .then(({ startAuthentication }) =>
          startAuthentication({ optionsJSON: options as PublicKeyCredentialRequestOptionsJSON }),
        )
        .catch(translate),
  }
}

function translate(error: unknown): never {
  const name = error instanceof Error ? error.name : ''
  if (name === 'InvalidStateError') {
    throw new ChatError('conflict', {
      publicMessage: 'There is a passkey for your account here already.',
      cause: error,
    })
  }
  const known = name === 'NotAllowedError' || name === 'AbortError'
  const publicMessage = known
    ? 'No passkey was used. Try again, or choose another way.'
    : 'The browser could not use a passkey here.'
  throw new ChatError('invalid_credentials', { publicMessage, cause: error })
}
