import { randomBytes } from 'node:crypto'
import { setAvatarInput } from '../../../protocol/http/people.ts'
import type { User } from '../../../protocol/http.ts'
import { AVATAR_TYPES, MAX_AVATAR_BYTES } from '../../../protocol/limits.ts'
import { cleanImage } from '../../people/images/clean-image.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { PeopleDeps } from './deps.ts'

/** 128 bits that nobody guesses: the address of a picture is the right to see it. */
const ID_BYTES = 16

/** My picture ([PEO2]). */
export function createAvatarOperations({ store, profiles, now }: PeopleDeps): Operation[] {
  async function tell(user: User['id']): Promise<User> {
    const found = await store.accounts.users.get(user)
    const shown = { id: user, displayName: found?.displayName ?? user, ...(found?.avatar && { avatar: found.avatar }) }
    profiles.changed(shown)
    return shown
  }

  const setAvatar = defineOperation({
    name: 'set-avatar',
    summary: 'My picture: PNG, JPEG or WebP, at most 1 MB and 4096 x 4096 pixels',
    input: setAvatarInput,
    access: 'session',
    http: { method: 'PUT', path: '/api/me/avatar', body: { types: AVATAR_TYPES, maxBytes: MAX_AVATAR_BYTES } },
    mqtt: false,
    async handle({ contentType, body }, { session }): Promise<User> {
      const id = randomBytes(ID_BYTES).toString('base64url')
      await store.accounts.avatars.put(session.user, {
        id,
        type: contentType,
        body: cleanImage(body, contentType),
        at: now(),
      })
      return tell(session.user)
    },
  })

  const removeAvatar = defineOperation({
    name: 'remove-avatar',
    summary: 'Take my picture away',
    input: noInput,
    access: 'session',
    http: { method: 'DELETE', path: '/api/me/avatar', status: 204 },
    mqtt: true,
    async handle(_input, { session }): Promise<void> {
      if (await store.accounts.avatars.remove(session.user)) await tell(session.user)
    },
  })

  return [setAvatar, removeAvatar]
}
