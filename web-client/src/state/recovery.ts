import type { EmailState } from '../../../protocol/http/email.ts'
import type { Door } from '../../sdk/door.ts'

/** What can be done about an account with a link that was mailed. All of it rejects with ChatError. */
export interface Recovery {
  /** Asks for a link; succeeds also when there is no such account. `name`: a user name or an address. */
  ask(name: string): Promise<void>
  /** Chooses another password; every session of the account ends. */
  finish(token: string, newPassword: string): Promise<void>
  verify(token: string): Promise<EmailState>
}

export const createRecovery = (post: Door['post']): Recovery => ({
  ask: (name) => post('/password-reset', name.includes('@') ? { email: name } : { username: name.toLowerCase() }),
  finish: (token, newPassword) => post('/password-reset/finish', { token, newPassword }),
  verify: (token) => post('/email/verify', { token }),
})
