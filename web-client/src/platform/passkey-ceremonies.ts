import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser'
import { ChatError } from '../../../protocol/errors.ts'

/** Has the browser make a passkey. Rejects with ChatError. */
export const create = (options: unknown): Promise<unknown> =>
  startRegistration({ optionsJSON: options as PublicKeyCredentialCreationOptionsJSON }).catch(translate)

/** Has the browser sign with one. Rejects with ChatError. */
export const sign = (options: unknown): Promise<unknown> =>
  startAuthentication({ optionsJSON: options as PublicKeyCredentialRequestOptionsJSON }).catch(translate)

function translate(error: unknown): never {
  const name = error instanceof Error ? error.name : ''
  if (name === 'InvalidStateError') {
    throw new ChatError('conflict', {
      publicMessage: 'There is a passkey for your account here already.',
      cause: error,
    })
  }
  const declined = name === 'NotAllowedError' || name === 'AbortError'
  const publicMessage = declined
    ? 'No passkey was used. Try again, or choose another way.'
    : 'The browser could not use a passkey here.'
  throw new ChatError('invalid_credentials', { publicMessage, cause: error })
}
