import type { EmailState } from '../../../protocol/http/email.ts'
import type { Door } from '../../sdk/door.ts'

/** My address. All of it rejects with ChatError. */
export interface Email {
  show(): Promise<EmailState>
  /** Without an address: none any more. */
  change(address: string, password: string): Promise<EmailState>
  /** Mails the link again that verifies it. */
  sendLink(): Promise<void>
}

export const createEmail = (call: Door['session']['call']): Email => ({
  show: () => call('GET', '/me'),
  change: (address, password) => call('PUT', '/me/email', { email: address === '' ? null : address, password }),
  sendLink: () => call('POST', '/me/email/verification', {}),
})
