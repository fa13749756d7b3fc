import { randomUUID } from 'node:crypto'
import type { AuthPlugin, Session } from '../../auth-plugin/index.ts'
import { ChatError } from '../../protocol/errors.ts'
import type { ConnectRequest, Link } from '../aedes/attached-link.ts'
import type { ConnackCode } from '../aedes/engine.ts'
import { Connection, deviceIdOf, type Renew } from '../connection.ts'
import type { Connections } from '../connections.ts'

export const IDENTIFIER_REJECTED = 2
export const SERVER_UNAVAILABLE = 3
export const BAD_CREDENTIALS = 4
export const NOT_AUTHORIZED = 5

export type ConnectDeps = {
  auth: Pick<AuthPlugin, 'verify' | 'loginGuard'>
  connections: Connections
  maxPerUser: number
  maxPerAddress: number
  renew: Renew
  /** The node is closing or its database is away: nobody new now. */
  isOpen(): boolean
  /** The memberships are loaded and a place is taken, before the CONNACK. */
  admitted(connection: Connection): Promise<void>
  onError(error: unknown): void
}

/**
 * CONNECT: the user name is the user id, the password an access or app token ([AUTH4]). Answers the connection or a
 * CONNACK code: 2 client id, 3 unavailable or too many, 4 wrong credentials, 5 too many attempts.
 */
export async function connect(
  link: Link,
  request: ConnectRequest,
  deps: ConnectDeps,
): Promise<Connection | ConnackCode> {
  if (!deps.isOpen()) return SERVER_UNAVAILABLE
  if (request.clientId === '' && !request.clean) return IDENTIFIER_REJECTED // [MQTT-3.1.3-8]
  const device = deviceIdOf(request.clientId, () => `d-${randomUUID()}`)
  if (device === undefined) return IDENTIFIER_REJECTED
  const session = await identify(link, request, deps)
  if (typeof session === 'number') return session
  if (!deps.isOpen()) return SERVER_UNAVAILABLE

  const { connections } = deps
  const older = connections.ofDevice(session.user, device) === undefined ? 0 : 1
  if (deps.maxPerUser > 0 && connections.countOfUser(session.user) - older >= deps.maxPerUser) return SERVER_UNAVAILABLE
  if (deps.maxPerAddress > 0 && connections.countOfAddress(link.wire.address) >= deps.maxPerAddress) {
    return SERVER_UNAVAILABLE
  }
  const connection = new Connection({ session, device, durable: !request.clean, link, renew: deps.renew })
  try {
    await deps.admitted(connection)
  } catch (error) {
    deps.onError(error)
    return SERVER_UNAVAILABLE
  }
  return connection
}

async function identify(link: Link, request: ConnectRequest, deps: ConnectDeps): Promise<Session | ConnackCode> {
  const { username, password } = request
  if (username === undefined || password === undefined || password.length === 0) return BAD_CREDENTIALS
  const origin = { address: link.wire.address }
  const guard = deps.auth.loginGuard
  try {
    const session = await deps.auth.verify(password.toString('utf8'))
    if (session.user === username) {
      await guard.succeeded(session.user, origin)
      return session
    }
  } catch (error) {
    if (!(error instanceof ChatError)) deps.onError(error)
    if (!(error instanceof ChatError) || error.code === 'unavailable') return SERVER_UNAVAILABLE
    if (error.code !== 'invalid_token') return BAD_CREDENTIALS // a token that is merely old is no guess
  }
  // Only those who fail are counted: a good token is let in, whoever else is guessing at this account.
  return (await guard.reserve(username, origin)) === undefined ? BAD_CREDENTIALS : NOT_AUTHORIZED
}
