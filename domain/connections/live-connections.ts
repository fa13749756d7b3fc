/** Which credentials are connected right now, and over what: for the list of somebody's sessions ([SES1]). */
import type { Session } from '../../auth-plugin/index.ts'
import type { Transport } from '../../protocol/http.ts'
import type { UserId } from '../../protocol/ids.ts'

/** One connection; its session changes when it is renewed. */
export type LiveConnection = { readonly session: Session; readonly transport: Transport }

export interface LiveConnections {
  opened(connection: LiveConnection): void
  closed(connection: LiveConnection): void
  /** By credential id, each transport once. */
  of(user: UserId): Map<string, Transport[]>
}

/** Of this process. */
export function createLiveConnections(): LiveConnections {
  const byUser = new Map<UserId, Set<LiveConnection>>()
  return {
    opened(connection) {
      const { user } = connection.session
      const own = byUser.get(user) ?? new Set()
      byUser.set(user, own.add(connection))
    },
    closed(connection) {
      const { user } = connection.session
      const own = byUser.get(user)
      own?.delete(connection)
      if (own?.size === 0) byUser.delete(user)
    },
    of(user) {
      const found = new Map<string, Transport[]>()
      for (const { session, transport } of byUser.get(user) ?? []) {
        const known = found.get(session.credential.id) ?? []
        if (!known.includes(transport)) found.set(session.credential.id, [...known, transport].sort())
      }
      return found
    },
  }
}
