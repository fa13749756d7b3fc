import type { RoomKind } from '../../protocol/events.ts'
import type { RoomId, UserId } from '../../protocol/ids.ts'
import type { Privacy } from '../../protocol/privacy.ts'

/** What one person decided about being known and reached. As the policy wants it (auth-plugin). */
export type PersonRules = { privacy: Privacy; blocks: ReadonlySet<UserId> }

export type BlockEntry = { user: UserId; displayName: string; avatar?: string; at: number }
export type ContactEntry = { id: UserId; displayName: string; avatar?: string }

/** Who wants to be known and reached by whom, and who knows whom. Contacts share a private or a direct room. */
export interface People {
  /** Of those who decided anything: the rest is absent. */
  rules(users: readonly UserId[]): Promise<Map<UserId, PersonRules>>
  privacy(user: UserId): Promise<Privacy>
  /** Changes what is given; answers the settings before and after. Throws `user_not_found`. */
  changePrivacy(user: UserId, changes: Partial<Privacy>): Promise<{ before: Privacy; after: Privacy }>
  /** Whom a user has blocked, the last one first. */
  blocks(user: UserId): Promise<BlockEntry[]>
  /** False: was so already. Throws `user_not_found`, or `conflict` when there are too many. */
  block(user: UserId, other: UserId, at: number): Promise<boolean>
  /** False: was not blocked. */
  unblock(user: UserId, other: UserId): Promise<boolean>
  /** The contacts of a user, sorted by display name. */
  contacts(user: UserId, limit: number): Promise<ContactEntry[]>
  /** Which of these are contacts of the user. */
  contactsAmong(user: UserId, others: readonly UserId[]): Promise<Set<UserId>>
  /** Rooms of both, direct ones left out, sorted by name. */
  sharedRooms(one: UserId, other: UserId, limit: number): Promise<{ id: RoomId; name: string; kind: RoomKind }[]>
}
