/**
 * The way in, without rooms or a connection: who is signed in, and how to become it. An entrance of its own, so that a
 * first screen need not load the rest; `createChatClient` takes the same door over.
 */
import type { ServerInfo } from '../../protocol/http.ts'
import { createHttpClient } from './http-client.ts'
import type { Options, Ports } from './ports.ts'
import { createSession, type Session } from './session.ts'

export type { RegisterInput, SignInInput } from './actions.ts'
export type { SessionState, User } from './snapshot.ts'
export type { ServerInfo, Session }

export interface Door {
  readonly session: Session
  /** What the server tells anybody of itself. Rejects with ChatError. */
  describeServer(): Promise<ServerInfo>
  /** Exchanges that need no sign-in. Both reject with ChatError. */
  get<Result>(path: string): Promise<Result>
  post<Result>(path: string, body?: object): Promise<Result>
}

/** A door that does nothing before `session.start()`. */
export function createDoor(
  ports: Pick<Ports, 'session' | 'clock' | 'random' | 'fetch'>,
  options: Pick<Options, 'url' | 'appToken' | 'keepRefreshToken' | 'deviceName'>,
): Door {
  const http = createHttpClient(ports, options.url)
  return {
    session: createSession(ports, options, http),
    describeServer: () => http('GET', '/server'),
    get: (path) => http('GET', path),
    post: (path, body) => http('POST', path, body),
  }
}
