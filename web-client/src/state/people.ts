import type { ReadonlySignal } from '@preact/signals'
import type { UserId } from '../../../protocol/ids.ts'
import type { Presence } from '../../../protocol/presence.ts'
import type { UserSummary } from './client-types.ts'

/** Everybody met so far. */
export type Users = ReadonlySignal<ReadonlyMap<UserId, UserSummary>>

export const nameIn = (users: ReadonlyMap<UserId, UserSummary>, user: UserId): string =>
  users.get(user)?.displayName ?? user

export const isHere = (presence: Presence | undefined): boolean =>
  presence !== undefined && presence.state !== 'offline'

/** "Ana is typing" ([R15]): names up to two, then a number. */
export function typingText(names: readonly string[]): string {
  const [first, second] = names
  if (first === undefined) return ''
  if (second === undefined) return `${first} is typing`
  return names.length === 2 ? `${first} and ${second} are typing` : `${names.length} people are typing`
}

const MENTION = /(^|[^\p{L}\p{N}_.@-])@([a-z0-9][a-z0-9_.-]{1,31})/gu

/** The people whom a text addresses with @, as far as they are known. */
export function mentionsIn(text: string, users: ReadonlyMap<UserId, UserSummary>): UserId[] {
  const found = new Set<UserId>()
  for (const [, , name] of text.matchAll(MENTION)) {
    const user = users.get(name?.replace(/[.-]+$/, '') as UserId) ?? users.get(name as UserId)
    if (user) found.add(user.id)
  }
  return [...found]
}
