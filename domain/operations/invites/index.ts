import { createGuessGuard, mayAdminister } from '../../../auth-plugin/index.ts'
import type { Operation } from '../operation.ts'
import { createRoomChanges } from '../rooms/room-changes.ts'
import { createShowRoom } from '../rooms/show-room.ts'
import type { InviteDeps } from './deps.ts'
import { createInvitedOperations, createInvitingOperations } from './invitations.ts'
import { createAskingOperations, createDecidingOperations } from './join-requests.ts'
import { createCodeOperations, createLinkOperations } from './links.ts'
import { type AdmitStranger, createAdmitStranger } from './registration-pass.ts'
import { createServerInviteOperations } from './server-invites.ts'

export type { AdmitStranger, RegistrationPass } from './registration-pass.ts'
export { makeServerInvite, type NewServerInvite } from './server-invites.ts'
export { linkUrl } from './show-link.ts'
export { createWaiting, type Waiting } from './waiting.ts'

type Given = Omit<InviteDeps, 'changes' | 'show' | 'guesses' | 'mayInviteToServer'> & {
  /** How many wrong codes, and where they are counted. */
  guessing?: Parameters<typeof createGuessGuard>[0]
}

/** Every way into a room or onto the server that somebody else opens; and what registration asks about codes. */
export function createInvites(given: Given): { operations: Operation[]; admitStranger: AdmitStranger } {
  const { store } = given
  const deps: InviteDeps = {
    ...given,
    changes: createRoomChanges(given),
    show: createShowRoom(store),
    guesses: createGuessGuard(given.guessing),
    async mayInviteToServer(user) {
      const role = await store.administration.roles.of(user)
      if (!mayAdminister(role, 'make-invites').ok) return false
      return (await store.accounts.suspensions.current(user, given.now())) === undefined
    },
  }
  return {
    operations: [
      ...createInvitedOperations(deps),
      ...createInvitingOperations(deps),
      ...createLinkOperations(deps),
      ...createCodeOperations(deps),
      ...createAskingOperations(deps),
      ...createDecidingOperations(deps),
      ...createServerInviteOperations(deps),
    ],
    admitStranger: createAdmitStranger(deps),
  }
}
