/** Profiles, contacts, privacy and blocks, as HTTP calls; an entrance of its own, for views that deal with them. */
import type { Block, Profile } from '../../protocol/http/people.ts'
import type { Me, User } from '../../protocol/http.ts'
import type { UserId } from '../../protocol/ids.ts'
import type { Privacy } from '../../protocol/privacy.ts'
import type { ChatClient } from './actions.ts'

export type { Block, Me, Privacy, Profile }

/** An empty text takes back what was said. */
export type ProfileChanges = { about?: string; timeZone?: string }

/** All reject with ChatError. */
export interface People {
  me(): Promise<Me>
  /** What others see of me, the name left out: for that there is `updateMe`. */
  change(changes: ProfileChanges): Promise<Me>
  profile(user: UserId): Promise<Profile>
  contacts(): Promise<User[]>
  privacy(): Promise<Privacy>
  changePrivacy(changes: Partial<Privacy>): Promise<Privacy>
  /** The last one first. */
  blocks(): Promise<Block[]>
  /** Nobody is told. */
  block(user: UserId): Promise<void>
  unblock(user: UserId): Promise<void>
  /** A PNG, JPEG or WebP file of at most 1 MB. */
  setAvatar(picture: Blob): Promise<void>
  removeAvatar(): Promise<void>
}

export function createPeople(client: Pick<ChatClient, 'call' | 'learnBlocked' | 'learnUsers'>): People {
  const { call } = client
  const shown = ({ id, displayName, avatar }: User): User => ({ id, displayName, ...(avatar && { avatar }) })
  const me = async (): Promise<Me> => {
    const found = await call<Me>('GET', '/me')
    client.learnUsers([shown(found)])
    return found
  }

  return {
    me,
    async profile(user) {
      const found = await call<Profile>('GET', `/users/${user}`)
      client.learnUsers([{ ...shown(found), ...(found.presence && { presence: found.presence }) }])
      return found
    },
    contacts: async () => (await call<{ contacts: User[] }>('GET', '/contacts')).contacts,
    privacy: () => call('GET', '/me/privacy'),
    changePrivacy: (changes) => call('PATCH', '/me/privacy', changes),
    blocks: async () => (await call<{ blocks: Block[] }>('GET', '/me/blocks')).blocks,
    async block(user) {
      await call('PUT', `/me/blocks/${user}`)
      client.learnBlocked(user, true)
    },
    async unblock(user) {
      await call('DELETE', `/me/blocks/${user}`)
      client.learnBlocked(user, false)
    },
    async change(changes) {
      const changed = await call<Me>('PATCH', '/me', changes)
      client.learnUsers([shown(changed)])
      return changed
    },
    async setAvatar(picture) {
      client.learnUsers([await call<User>('PUT', '/me/avatar', picture)])
    },
    async removeAvatar() {
      await call('DELETE', '/me/avatar')
      await me()
    },
  }
}
