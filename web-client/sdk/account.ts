/** What proves who I am, as HTTP calls; an entrance of its own, for the views that deal with it. */
import type { AppToken, SessionInfo } from '../../protocol/http.ts'
import type { ChatClient, CreateTokenInput } from './actions.ts'

/** All reject with ChatError. */
export interface Account {
  changePassword(password: string, newPassword: string): Promise<void>
  listSessions(): Promise<SessionInfo[]>
  endSession(id: string): Promise<void>
  endOtherSessions(): Promise<void>
  /** This one included. */
  endSessions(): Promise<void>
  listTokens(): Promise<AppToken[]>
  createToken(input: CreateTokenInput): Promise<AppToken & { token: string }>
  deleteToken(id: string): Promise<void>
}

export function createAccount({ call }: Pick<ChatClient, 'call'>): Account {
  return {
    changePassword: (password, newPassword) => call('POST', '/me/password', { password, newPassword }),
    listSessions: async () => (await call<{ sessions: SessionInfo[] }>('GET', '/me/sessions')).sessions,
    endSession: (id) => call('DELETE', `/me/sessions/${encodeURIComponent(id)}`),
    endOtherSessions: () => call('DELETE', '/me/other-sessions'),
    endSessions: () => call('DELETE', '/me/sessions'),
    listTokens: async () => (await call<{ tokens: AppToken[] }>('GET', '/me/tokens')).tokens,
    createToken: (input) => call('POST', '/me/tokens', input),
    deleteToken: (id) => call('DELETE', `/me/tokens/${encodeURIComponent(id)}`),
  }
}
