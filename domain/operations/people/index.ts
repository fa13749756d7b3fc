import type { Operation } from '../operation.ts'
import { createAvatarOperations } from './avatars.ts'
import { createBlockOperations } from './blocks.ts'
import { contactsOperation } from './contacts.ts'
import type { PeopleDeps } from './deps.ts'
import { createPrivacyOperations } from './privacy.ts'

/** What people show of themselves, to whom, and whom they know. */
export function createPeopleOperations(deps: PeopleDeps): Operation[] {
  return [
    ...createAvatarOperations(deps),
    contactsOperation(deps),
    ...createPrivacyOperations(deps),
    ...createBlockOperations(deps),
  ]
}
