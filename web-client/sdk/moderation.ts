/** Bans, mutes and who owns a room, as HTTP calls; an entrance of its own, for views and programs that deal with them. */
import type { Ban } from '../../protocol/http/moderation.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { ChatClient } from './actions.ts'
import { queryString } from './http-client.ts'

export type { Ban }

/** `until`: milliseconds since 1970; absent: without end. */
export type Restriction = { until?: number; reason?: string }

/** All reject with ChatError. What they change comes back as events of the room. */
export interface Moderation {
  remove(user: UserId, reason?: string): Promise<void>
  ban(user: UserId, how: Restriction): Promise<void>
  unban(user: UserId): Promise<void>
  bans(): Promise<Ban[]>
  mute(user: UserId, how: Restriction): Promise<void>
  unmute(user: UserId): Promise<void>
  /** The other one owns the room from then on, and I am an admin. */
  transfer(user: UserId): Promise<void>
}

export function createModeration({ call }: Pick<ChatClient, 'call'>, room: RoomId): Moderation {
  const at = `/rooms/${room}`
  return {
    remove: (user, reason) => call('DELETE', `${at}/members/${user}${queryString({ reason })}`),
    ban: (user, how) => call('PUT', `${at}/bans/${user}`, how),
    unban: (user) => call('DELETE', `${at}/bans/${user}`),
    bans: async () => (await call<{ bans: Ban[] }>('GET', `${at}/bans`)).bans,
    mute: (user, how) => call('PUT', `${at}/mutes/${user}`, how),
    unmute: (user) => call('DELETE', `${at}/mutes/${user}`),
    transfer: (user) => call('POST', `${at}/transfer`, { user }),
  }
}
