import { updatePrivacyInput } from '../../../protocol/http/people.ts'
import type { Privacy } from '../../../protocol/privacy.ts'
import { noInput } from '../no-input.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../table.ts'
import type { PeopleDeps } from './deps.ts'

/** Who may know of me and reach me ([PEO5]); a change holds from its answer on. */
export function createPrivacyOperations({ store, bus, presence }: PeopleDeps): Operation[] {
  const privacy = defineOperation({
    name: 'privacy',
    summary: 'Who may know of me and reach me',
    input: noInput,
    access: 'session',
    http: { method: 'GET', path: '/api/me/privacy' },
    mqtt: true,
    handle: (_input, { session }): Promise<Privacy> => store.people.privacy(session.user),
  })

  const updatePrivacy = defineOperation({
    name: 'update-privacy',
    summary: 'Change who may know of me and reach me',
    input: updatePrivacyInput,
    access: 'session',
    http: { method: 'PATCH', path: '/api/me/privacy' },
    mqtt: true,
    async handle(input, { session: { user } }): Promise<Privacy> {
      const { before, after } = await store.people.changePrivacy(user, given(input))
      bus.emit('privacy', { user })
      const isSeenOtherwise = before.presence !== after.presence || before.lastSeen !== after.lastSeen
      if (isSeenOtherwise) await presence.tellAgain(user, 'all')
      return after
    },
  })

  return [privacy, updatePrivacy]
}

/** Without the fields that are absent. */
function given(input: { [Field in keyof Privacy]?: Privacy[Field] | undefined }): Partial<Privacy> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
}
