/** My data to take along, and my account to be deleted; comes with the screen that offers it. */
import { ChatError } from '../../../protocol/errors.ts'
import type { DeletionObstacles, ExportTicket } from '../../../protocol/http/personal-data.ts'
import type { Entrance } from './entrance.ts'

export type { DeletionObstacles }
export type MessagesChoice = 'anonymise' | 'remove'

/** All reject with ChatError. */
export interface PersonalData {
  /** Where the file is, once and for a minute. `password`: where the server asked for it (`needsPassword`). */
  requestExport(password?: string): Promise<string>
  hasPassword(): Promise<boolean>
  /** Answers what stands in the way; `undefined`: the account is gone. */
  deleteAccount(messages: MessagesChoice, password?: string): Promise<DeletionObstacles | undefined>
}

export function createPersonalData(call: Entrance['call']): PersonalData {
  const given = (password: string | undefined) => (password === undefined ? {} : { password })
  return {
    async requestExport(password) {
      const { ticket } = await call<ExportTicket>('POST', '/me/export', given(password))
      return `/api/me/export/${ticket}`
    },
    hasPassword: () => call<{ password: boolean }>('GET', '/me/identities').then(({ password }) => password),
    async deleteAccount(messages, password) {
      try {
        await call('DELETE', '/me', { messages, ...given(password) })
        return undefined
      } catch (error) {
        if (error instanceof ChatError && error.code === 'conflict') return error.details as DeletionObstacles
        throw error
      }
    },
  }
}
